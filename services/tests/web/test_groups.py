from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.web.conftest import OpenWindow
from tests.web.window import Window

pytestmark = pytest.mark.browser


def group_dialog(window: Window) -> Locator:
    window.page.get_by_role("button", name="Group and members").click()
    return window.page.get_by_role("dialog", name="Group")


def test_a_group_is_begun_written_in_and_tells_of_its_changes(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    ann.begin_group("Sunday hike", bob.user)
    ann.expect_system_line("You created the group")
    ann.say("Who is in?")
    bob.open("Sunday hike")
    expect(bob.message("Who is in?")).to_contain_text(ann.user)
    ann.expect_ticks("Who is in?", "read")

    dialog = group_dialog(ann)
    dialog.get_by_role("textbox", name="Add members").fill(name("cho"))
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("listitem")).to_have_count(3)
    bob.expect_system_line(f"{ann.user} added {name('cho')}")
    expect(bob.page.locator(".subtitle")).to_have_text("3 members")

    dialog.get_by_role("textbox", name="Title").fill("Monday hike")
    dialog.get_by_role("button", name="Rename").click()
    expect(bob.page.get_by_role("heading", level=2, name="Monday hike")).to_be_visible()
    dialog.get_by_role("checkbox", name="New members may read everything").check()
    bob.expect_system_line("opened the whole history")

    dialog.get_by_label(f"Role of {bob.user}").select_option("admin")
    bob.expect_system_line(f"{ann.user} made you admin")
    dialog.get_by_role("button", name=f"Remove {name('cho')}").click()
    bob.expect_system_line(f"{ann.user} removed {name('cho')}")
    expect(dialog.get_by_role("listitem")).to_have_count(2)


def test_who_left_writes_no_more_and_the_last_owner_cannot_leave(
    window: OpenWindow, name: Callable[[str], str]
) -> None:
    ann, bob = window(name("ann")), window(name("bob"))
    ann.begin_group("Short stay", bob.user)
    bob.open("Short stay")
    dialog = group_dialog(bob)
    expect(dialog.get_by_role("button", name="Rename")).to_have_count(0)
    dialog.get_by_role("button", name="Leave group").click()
    bob.page.get_by_role("button", name="Leave", exact=True).click()
    ann.expect_system_line(f"{bob.user} left")
    bob.open("Short stay")
    expect(bob.composer).to_be_disabled()
    ann.say("He does not see this")
    ann.expect_ticks("He does not see this", "sent")
    expect(bob.message("He does not see this")).to_have_count(0)


def test_the_only_owner_of_others_is_told_why_he_cannot_leave(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann = window(name("ann"))
    ann.begin_group("Ship", name("bob"))
    dialog = group_dialog(ann)
    dialog.get_by_role("button", name="Leave group").click()
    ann.page.get_by_role("button", name="Leave", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("only owner")


def test_a_sender_can_see_who_has_received_and_who_has_read(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann, bob, cho = window(name("ann")), window(name("bob")), window(name("cho"))
    ann.begin_group("Readers", bob.user, cho.user)
    ann.say("Read me")
    cho.expect_unread("Readers", 1)
    ann.expect_ticks("Read me", "delivered")
    bob.open("Readers")
    expect(bob.message("Read me")).to_be_visible()
    bob.expect_unread("Readers", 0)
    bob.say("Done")
    expect(ann.message("Done")).to_be_visible()
    ann.act("Read me", "Who has read it")
    dialog = ann.page.get_by_role("dialog", name="Who has read it")
    expect(dialog.locator("section", has_text="Read by").locator(".who")).to_have_text([bob.user])
    expect(dialog.locator("section", has_text="Delivered to").locator(".who")).to_have_text([cho.user])
