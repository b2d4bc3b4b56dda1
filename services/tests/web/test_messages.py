from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenWindow
from tests.web.window import Window

pytestmark = pytest.mark.browser


@pytest.fixture
def pair(window: OpenWindow, name: Callable[[str], str]) -> tuple[Window, Window]:
    """Two people with a conversation open."""
    ann, bob = window(name("ann")), window(name("bob"))
    ann.write_to(bob.user)
    ann.say("Shall we go to the sea?")
    bob.open(ann.user)
    expect(bob.message("Shall we go to the sea?")).to_be_visible()
    return ann, bob


def test_a_reply_shows_what_it_answers_and_leads_there(pair: tuple[Window, Window]) -> None:
    ann, bob = pair
    bob.act("Shall we go to the sea?", "Reply")
    bob.say("Yes, at six")
    quote = ann.message("Yes, at six").get_by_role("button", name="You Shall we go to the sea?")
    expect(quote).to_contain_text("Shall we go to the sea?")
    quote.click()
    expect(ann.message("Shall we go to the sea?")).to_be_focused()


def test_a_reaction_appears_on_both_sides_and_can_be_taken_back(pair: tuple[Window, Window]) -> None:
    ann, bob = pair
    bob.act("Shall we go to the sea?", "React")
    bob.page.get_by_role("button", name="🎉 celebrate").click()
    reaction = ann.message("Shall we go to the sea?").locator(".reaction")
    expect(reaction).to_have_accessible_name(f"🎉 by {bob.user}")
    reaction.click()
    expect(bob.message("Shall we go to the sea?").locator(".reaction")).to_have_text("🎉2")
    bob.message("Shall we go to the sea?").locator(".reaction").click()
    expect(reaction).to_have_accessible_name("🎉 by you")


def test_an_edit_changes_the_message_for_both(pair: tuple[Window, Window]) -> None:
    ann, bob = pair
    ann.composer.press("ArrowUp")
    expect(ann.composer).to_have_value("Shall we go to the sea?")
    ann.say("Shall we go to the lake?")
    expect(bob.message("Shall we go to the lake?").locator(".meta")).to_contain_text("edited")
    expect(bob.message("Shall we go to the sea?")).to_have_count(0)


def test_a_deleted_message_leaves_a_tombstone_for_both(pair: tuple[Window, Window]) -> None:
    ann, bob = pair
    ann.act("Shall we go to the sea?", "Delete")
    ann.page.get_by_role("button", name="Delete for everybody").click()
    for one in pair:
        expect(one.message("Message deleted")).to_be_visible()
        expect(one.message("Shall we go to the sea?")).to_have_count(0)
    bob.message("Message deleted").locator(".bubble").hover()
    expect(bob.message("Message deleted").get_by_role("button")).to_have_count(0)


def test_a_refused_message_says_why_and_can_be_tried_again_or_given_up(pair: tuple[Window, Window]) -> None:
    ann, bob = pair
    ann.composer.fill("x" * (16 * 1024 + 1))
    ann.composer.press("Enter")
    failed = ann.page.locator(".message.is-failed")
    expect(failed).to_contain_text("at most 16384 bytes")
    failed.get_by_role("button", name="Try again").click()
    expect(failed).to_contain_text("at most 16384 bytes")
    failed.get_by_role("button", name="Discard").click()
    expect(failed).to_have_count(0)
    ann.page.reload()
    ann.say("A shorter one")
    expect(failed).to_have_count(0)
    expect(bob.message("A shorter one")).to_be_visible()


def test_text_from_people_never_becomes_markup_and_links_can_be_followed(pair: tuple[Window, Window]) -> None:
    ann, bob = pair
    ann.say("<img src=x onerror=alert(1)> see https://example.org/a?b=1, please")
    link = bob.page.get_by_role("link", name="https://example.org/a?b=1", exact=True)
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(bob.page.locator(".message img")).to_have_count(0)


def test_shift_enter_makes_a_new_line_and_escape_ends_an_answer(pair: tuple[Window, Window]) -> None:
    ann, bob = pair
    ann.act("Shall we go to the sea?", "Reply")
    expect(ann.page.locator(".about")).to_be_visible()
    ann.composer.press("Escape")
    expect(ann.page.locator(".about")).to_be_hidden()
    ann.composer.press_sequentially("first")
    ann.composer.press("Shift+Enter")
    ann.composer.press_sequentially("second")
    ann.composer.press("Enter")
    expect(bob.message("first\nsecond")).to_be_visible()
