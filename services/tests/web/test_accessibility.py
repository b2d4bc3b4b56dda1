from collections.abc import Callable
from typing import get_args

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, expect

from tests.platform import Platform
from tests.web.conftest import OpenWindow
from tests.web.window import NARROW, WIDE, Theme, Window, open_window

pytestmark = pytest.mark.browser


def assert_accessible(window: Window, where: str) -> None:
    """Axe finds nothing serious or critical in what is shown."""
    response = Axe().run(window.page).response
    serious = [
        (found["id"], found["help"], [node["html"] for node in found["nodes"]])
        for found in response["violations"]
        if found["impact"] in {"serious", "critical"}
    ]
    assert serious == [], where


def test_the_check_finds_a_planted_fault(browser: Browser, platform: Platform) -> None:
    window = open_window(browser, platform.url, "ann")
    window.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        assert_accessible(window, "planted")
    window.page.context.close()


@pytest.mark.parametrize("theme", get_args(Theme))
def test_the_sign_in_page_is_accessible(browser: Browser, platform: Platform, theme: Theme) -> None:
    window = open_window(browser, platform.url, "ann", theme=theme)
    expect(window.page.get_by_text("Development sign-in.")).to_be_visible()
    assert_accessible(window, "sign-in")
    window.page.context.close()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("theme", get_args(Theme))
def test_list_thread_and_dialogs_are_accessible(
    window: OpenWindow, name: Callable[[str], str], theme: Theme, size: tuple[int, int]
) -> None:
    ann, bob = window(name("ann"), size, theme), window(name("bob"))
    assert_accessible(ann, "nothing yet")
    bob.write_to(ann.user)
    bob.say("One unread message")
    bob.begin_group("Choir", ann.user, name("cho"))
    bob.say("Rehearsal at seven")
    bob.say("And bring the scores: https://example.org/scores")
    bob.act("Rehearsal at seven", "React")
    bob.page.get_by_role("button", name="🎉 celebrate").click()
    bob.act("Rehearsal at seven", "Reply")
    bob.say("I mean half past")
    bob.act("I mean half past", "Delete")
    bob.page.get_by_role("button", name="Delete for everybody").click()
    expect(bob.message("Message deleted")).to_be_visible()
    ann.expect_unread("Choir", 3)
    assert_accessible(ann, "list")
    ann.open("Choir")
    ann.say("I shall be there")
    ann.act("Rehearsal at seven", "Reply")
    ann.message("I shall be there").locator(".bubble").hover()
    assert_accessible(ann, "thread")
    ann.page.get_by_role("button", name="Group and members").click()
    expect(ann.page.get_by_role("dialog").locator(".person")).to_have_count(3)
    assert_accessible(ann, "group")
    ann.page.keyboard.press("Escape")
    ann.act("I shall be there", "Who has read it")
    expect(ann.page.get_by_role("dialog").locator(".readers")).not_to_have_attribute("aria-busy", "true")
    assert_accessible(ann, "readers")
    ann.page.keyboard.press("Escape")
    ann.act("I shall be there", "React")
    assert_accessible(ann, "emoji")
    ann.page.keyboard.press("Escape")
    ann.act("I shall be there", "Delete")
    assert_accessible(ann, "deletion")
    ann.page.keyboard.press("Escape")
    ann.page.keyboard.press("Escape")
    ann.page.keyboard.press("Escape")
    for button in ("You and settings", "New group", "Write to somebody"):
        ann.page.get_by_role("button", name=button).click()
        assert_accessible(ann, button)
        ann.page.keyboard.press("Escape")


@pytest.mark.parametrize("theme", get_args(Theme))
def test_what_is_said_without_a_connection_is_accessible(
    window: OpenWindow, own_platform: Platform, name: Callable[[str], str], theme: Theme
) -> None:
    ann = window(name("ann"), theme=theme, url=own_platform.url)
    ann.write_to(name("bob"))
    ann.composer.fill("x" * (16 * 1024 + 1))
    ann.composer.press("Enter")
    expect(ann.page.locator(".failure")).to_be_visible()
    own_platform.kill()
    ann.say("Waits")
    expect(ann.page.get_by_text("No connection.")).to_be_visible()
    assert_accessible(ann, "without a connection")
