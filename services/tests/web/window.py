"""One person's browser window, spoken to in the words of the page."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.patience import STILL_S

Theme = Literal["dark", "light"]
WIDE: Final = (1440, 900)
NARROW: Final = (360, 740)
PATIENCE_MS: Final = round(STILL_S * 1000)


@dataclass
class Window:
    """A window of its own: nothing is shared with other windows, as between two people's browsers."""

    page: Page
    user: str
    url: str
    faults: list[str] = field(default_factory=list)

    def sign_in(self) -> "Window":
        """Sign in by name, and wait for the first page."""
        self.page.get_by_role("textbox", name="Your name").fill(self.user)
        self.page.get_by_role("button", name="Start chatting").click()
        expect(self.page.get_by_role("heading", name="Parley", exact=True)).to_be_visible()
        expect(self.page.get_by_role("navigation", name="Conversations")).to_be_attached()
        return self

    def conversation(self, title: str) -> Locator:
        """A conversation of the list."""
        title_only = re.compile(f"^{re.escape(title)}$")
        return self.page.locator("button.conversation", has=self.page.locator(".name", has_text=title_only))

    def open(self, title: str) -> None:
        """Open a conversation of the list."""
        self.conversation(title).click()
        expect(self.page.get_by_role("heading", level=2, name=title)).to_be_visible()

    def write_to(self, user: str) -> None:
        """Begin a conversation with somebody."""
        self.page.get_by_role("button", name="Write to somebody").click()
        dialog = self.page.get_by_role("dialog", name="Write to somebody")
        dialog.get_by_role("textbox", name="Name").fill(user)
        dialog.get_by_role("button", name="Write", exact=True).click()
        expect(self.page.get_by_role("heading", level=2, name=user)).to_be_visible()

    def begin_group(self, title: str, *members: str) -> None:
        """Begin a group, and see it open."""
        self.page.get_by_role("button", name="New group").click()
        dialog = self.page.get_by_role("dialog", name="New group")
        dialog.get_by_role("textbox", name="Title").fill(title)
        dialog.get_by_role("textbox", name="Members").fill(", ".join(members))
        dialog.get_by_role("button", name="Begin group").click()
        expect(self.page.get_by_role("heading", level=2, name=title)).to_be_visible()

    @property
    def composer(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name="Message", exact=True)

    def say(self, text: str) -> None:
        """Write a message and send it with Enter; it stands in the thread at once."""
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.message(text)).to_be_visible()

    def message(self, text: str) -> Locator:
        """The message with exactly this text."""
        exact = re.compile(f"^{re.escape(text)}$")
        return self.page.locator(".message", has=self.page.locator(".text", has_text=exact))

    def texts(self) -> list[str]:
        """What the messages in the page say, in their order."""
        return self.page.locator(".message .text").all_inner_texts()

    def act(self, text: str, action: str) -> None:
        """Use the toolbar of a message."""
        self.message(text).locator(".bubble").hover()
        self.message(text).get_by_role("button", name=action, exact=True).click()

    def expect_ticks(self, text: str, status: str) -> None:
        """Wait until a message's ticks say how far it got."""
        expect(self.message(text).locator(".ticks")).to_have_attribute("data-status", status)

    def expect_system_line(self, text: str) -> None:
        """Wait for a line about the conversation itself."""
        expect(self.page.locator(".system", has_text=text)).to_be_visible()

    def expect_unread(self, title: str, count: int) -> None:
        """Wait for the badge of a conversation; none for 0."""
        badge = self.conversation(title).locator(".badge")
        if count:
            expect(badge).to_have_text(str(count))
        else:
            expect(badge).to_be_hidden()

    def hear(self, said: ConsoleMessage) -> None:
        """Note what the browser complains about: a fault of a script, a breach of the content policy."""
        if said.type == "error":
            self.faults.append(f"{self.user}: {said.text}")

    def look_away(self) -> None:
        """Turn to another page of the same browser: this one has the focus no longer."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
        self.page.context.new_page().bring_to_front()

    def look_back(self) -> None:
        """Turn to this window again."""
        self.page.bring_to_front()

    @property
    def scroller(self) -> Locator:
        """What scrolls the messages."""
        return self.page.get_by_role("region", name="Messages")


def open_window(browser: Browser, url: str, user: str, size: tuple[int, int] = WIDE, theme: Theme = "light") -> Window:
    """Open a window at the sign-in page; faults of the page's scripts are collected, to be asserted at the end."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    window = Window(page, user, url)
    page.on("pageerror", lambda error: window.faults.append(f"{user}: {error}"))
    page.on("console", window.hear)
    page.goto(url)
    return window
