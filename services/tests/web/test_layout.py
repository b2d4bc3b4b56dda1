from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenWindow
from tests.web.window import NARROW, Window

pytestmark = pytest.mark.browser


def assert_fits(window: Window) -> None:
    """Nothing makes the page wider than the screen."""
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    too_wide = "[...document.querySelectorAll('.message, dialog, .bar, .composer')]"
    assert window.page.evaluate(f"{too_wide}.every((one) => one.getBoundingClientRect().right <= innerWidth + 1)")


def test_a_phone_shows_one_pane_at_a_time_and_goes_back(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob = window(name("ann"), NARROW), window(name("bob"))
    bob.write_to(ann.user)
    bob.say("A message that is long enough to need several lines on a small screen " + "w" * 200)
    navigation = ann.page.get_by_role("navigation", name="Conversations")
    expect(navigation).to_be_visible()
    assert_fits(ann)
    ann.open(bob.user)
    expect(navigation).to_be_hidden()
    expect(ann.composer).to_be_visible()
    ann.say("Short")
    ann.act("Short", "Who has read it")
    assert_fits(ann)
    ann.page.keyboard.press("Escape")
    ann.page.get_by_role("button", name="Back to conversations").click()
    expect(navigation).to_be_visible()
    expect(ann.conversation(bob.user)).to_be_focused()
    ann.open(bob.user)
    ann.page.go_back()
    expect(navigation).to_be_visible()


def test_a_wide_screen_shows_list_and_thread_together(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann = window(name("ann"))
    ann.write_to(name("bob"))
    expect(ann.page.get_by_role("navigation", name="Conversations")).to_be_visible()
    expect(ann.composer).to_be_visible()
    expect(ann.page.get_by_role("button", name="Back to conversations")).to_be_hidden()
    assert_fits(ann)


def test_the_theme_follows_the_system_until_somebody_chooses(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann = window(name("ann"), theme="dark")
    scheme = "getComputedStyle(document.body).colorScheme + getComputedStyle(document.documentElement).colorScheme"
    dark = ann.page.evaluate("getComputedStyle(document.body).backgroundColor")
    ann.page.get_by_role("button", name="You and settings").click()
    ann.page.get_by_text("Light", exact=True).click()
    assert ann.page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    ann.page.reload()
    expect(ann.page.get_by_role("heading", name="Parley", exact=True)).to_be_visible()
    assert "light" in ann.page.evaluate(scheme)
    assert ann.page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_everything_can_be_done_with_the_keyboard(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    bob.write_to(ann.user)
    bob.say("first")
    bob.say("second")
    ann.expect_unread(bob.user, 2)
    search = ann.page.get_by_role("searchbox", name="Search conversations")
    search.focus()
    ann.page.keyboard.press("ArrowDown")
    expect(ann.conversation(bob.user)).to_be_focused()
    ann.page.keyboard.press("Enter")
    expect(ann.composer).to_be_focused()
    ann.page.keyboard.press("Shift+Tab")
    expect(ann.scroller).to_be_focused()
    ann.page.keyboard.press("ArrowUp")
    expect(ann.message("second")).to_be_focused()
    ann.page.keyboard.press("ArrowUp")
    expect(ann.message("first")).to_be_focused()
    ann.page.keyboard.press("Tab")
    expect(ann.message("first").get_by_role("button", name="React")).to_be_focused()
    ann.page.keyboard.press("ArrowRight")
    ann.page.keyboard.press("Enter")
    expect(ann.composer).to_be_focused()
    ann.page.keyboard.type("answered")
    ann.page.keyboard.press("Enter")
    expect(bob.message("answered").locator(".quote")).to_contain_text("first")
    ann.page.keyboard.press("Escape")
    expect(ann.conversation(bob.user)).to_be_focused()


def test_a_screen_reader_hears_what_arrives(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    bob.write_to(ann.user)
    bob.say("Can you hear me?")
    expect(ann.page.get_by_role("log")).to_have_text(f"{bob.user}: Can you hear me?")


def test_a_pointer_that_rests_on_another_message_does_not_take_the_toolbar_from_the_keyboard(
    window: OpenWindow, name: Callable[[str], str]
) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    bob.write_to(ann.user)
    bob.say("first")
    bob.say("second")
    ann.expect_unread(bob.user, 2)
    ann.conversation(bob.user).click()
    expect(ann.message("second")).to_be_visible()
    ann.message("first").focus()
    ann.page.keyboard.press("ArrowDown")
    ann.page.keyboard.press("ArrowUp")
    ann.page.keyboard.press("Tab")
    expect(ann.message("first").get_by_role("button", name="React")).to_be_focused()
    ann.message("second").hover()
    expect(ann.message("first").get_by_role("button", name="React")).to_be_focused()
    ann.page.keyboard.press("ArrowRight")
    ann.page.keyboard.press("Enter")
    expect(ann.composer).to_be_focused()


def test_a_message_that_changes_leaves_the_focus_on_its_toolbar(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    bob.write_to(ann.user)
    bob.say("first")
    ann.expect_unread(bob.user, 1)
    ann.conversation(bob.user).click()
    ann.message("first").focus()
    ann.page.keyboard.press("Tab")
    expect(ann.message("first").get_by_role("button", name="React")).to_be_focused()
    bob.message("first").hover()
    bob.message("first").get_by_role("button", name="Edit").click()
    bob.composer.fill("changed")
    bob.page.keyboard.press("Enter")
    expect(ann.message("changed").get_by_role("button", name="React")).to_be_focused()
