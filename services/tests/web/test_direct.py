import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenWindow
from tests.web.window import Window

pytestmark = pytest.mark.browser


def test_a_message_reaches_the_other_window_and_its_ticks_turn_delivered_then_read(
    window: OpenWindow, name: Callable[[str], str]
) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    ann.write_to(bob.user)
    ann.say("Are you there?")
    ann.expect_ticks("Are you there?", "delivered")
    bob.expect_unread(ann.user, 1)
    expect(bob.conversation(ann.user)).to_contain_text("Are you there?")
    bob.open(ann.user)
    expect(bob.message("Are you there?")).to_be_visible()
    ann.expect_ticks("Are you there?", "read")
    bob.expect_unread(ann.user, 0)
    bob.say("Here I am")
    expect(ann.message("Here I am")).to_be_visible()
    bob.expect_ticks("Here I am", "read")


def test_messages_to_somebody_who_is_away_stay_sent_until_he_comes(
    window: OpenWindow, name: Callable[[str], str]
) -> None:
    ann = window(name("ann"))
    ann.write_to(name("bob"))
    ann.say("Read this when you are back")
    ann.expect_ticks("Read this when you are back", "sent")
    window(name("bob"))
    ann.expect_ticks("Read this when you are back", "delivered")


def test_presence_and_typing_are_seen_while_they_last(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    ann.write_to(bob.user)
    ann.say("Hello")
    bob.open(ann.user)
    subtitle = ann.page.locator(".subtitle")
    expect(subtitle).to_have_text("online")
    expect(ann.conversation(bob.user).locator(".avatar")).to_contain_class("online")
    bob.composer.press_sequentially("I am th")
    expect(subtitle).to_have_text("typing…")
    expect(ann.conversation(bob.user).locator(".typing")).to_have_text("typing…")
    bob.composer.fill("")
    expect(subtitle).to_have_text("online")


def test_who_hides_his_presence_is_not_seen(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    ann.write_to(bob.user)
    ann.say("Hello")
    subtitle = ann.page.locator(".subtitle")
    expect(subtitle).to_have_text("online")
    bob.page.get_by_role("button", name="You and settings").click()
    bob.page.get_by_role("checkbox", name="Hide from others").check()
    expect(subtitle).to_have_text("")


def test_only_what_is_seen_by_somebody_who_looks_is_read(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    bob.write_to(ann.user)
    bob.say("One")
    ann.open(bob.user)
    bob.expect_ticks("One", "read")
    ann.look_away()
    bob.say("Two")
    bob.expect_ticks("Two", "delivered")
    expect(ann.page).to_have_title(re.compile(r"^\(1\) Parley"))
    expect(ann.page.locator(".divider")).to_have_text("1 new message")
    ann.expect_unread(bob.user, 1)
    bob.expect_ticks("Two", "delivered")
    ann.look_back()
    bob.expect_ticks("Two", "read")
    ann.expect_unread(bob.user, 0)


def test_two_windows_of_one_browser_can_be_two_people(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann = window(name("ann"))
    second = ann.page.context.new_page()
    second.goto(ann.url)
    expect(second.get_by_role("textbox", name="Your name")).to_be_visible()
    ann.page.reload()
    expect(ann.page.locator(".me")).to_have_text(f"Signed in as {ann.user}")


def test_a_duplicated_window_is_a_device_of_its_own(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann = window(name("ann"))
    ann.write_to(name("bob"))
    ann.say("From the first window")
    with ann.page.expect_popup() as opened:
        ann.page.evaluate("window.open(location.href) && null")
    second = Window(opened.value, ann.user, ann.url)
    expect(second.message("From the first window")).to_be_visible()
    second.say("From the second window")
    expect(ann.message("From the second window")).to_be_visible()
    ann.say("Both are here")
    expect(second.message("Both are here")).to_be_visible()


def test_a_reload_returns_to_the_open_conversation(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann = window(name("ann"))
    ann.write_to(name("bob"))
    ann.say("Still here")
    ann.expect_ticks("Still here", "sent")
    ann.page.reload()
    expect(ann.message("Still here")).to_be_visible()
    expect(ann.page.get_by_role("heading", level=2, name=name("bob"))).to_be_visible()


def test_a_second_device_of_the_sender_has_the_message_and_the_read_position(
    window: OpenWindow, name: Callable[[str], str]
) -> None:
    desk, phone, bob = window(name("ann")), window(name("ann")), window(name("bob"))
    bob.write_to(desk.user)
    bob.say("On which device are you?")
    phone.expect_unread(bob.user, 1)
    desk.open(bob.user)
    phone.expect_unread(bob.user, 0)
    desk.say("At the desk")
    phone.open(bob.user)
    expect(phone.message("At the desk")).to_be_visible()
    phone.expect_ticks("At the desk", "read")
