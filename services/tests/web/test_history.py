from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.platform import Platform
from tests.web.conftest import OpenWindow
from tests.web.seeding import seed_direct
from tests.web.window import Window

pytestmark = pytest.mark.browser

MESSAGES = 400
MOST_LINES = 260
"""A thread keeps at most 240 lines in the page, and the days above them."""

VISIBLE = """(scroller) => {
  const top = scroller.getBoundingClientRect().top;
  const node = [...scroller.querySelectorAll(".message")].find((one) => one.getBoundingClientRect().bottom > top);
  return { seq: node.dataset.seq, top: node.getBoundingClientRect().top };
}"""
SCROLL_AND_LOOK = f"(scroller, top) => {{ scroller.scrollTop = top; return ({VISIBLE})(scroller); }}"


def top_of(window: Window, seq: str) -> float:
    box = window.page.locator(f'.message[data-seq="{seq}"]').bounding_box()
    assert box is not None
    return box["y"]


def scroll_up_once(window: Window) -> None:
    """Scroll to near the upper edge; once more messages are there, what was seen has not moved."""
    first = window.page.locator(".message").first
    before = first.get_attribute("data-seq")
    seen: Any = window.scroller.evaluate(SCROLL_AND_LOOK, 200)
    expect(first).not_to_have_attribute("data-seq", str(before))
    assert abs(top_of(window, seen["seq"]) - seen["top"]) < 1.5


def scroll_down_once(window: Window, texts: list[str]) -> None:
    """Scroll towards the lower edge, noting what is new in the page."""
    last = window.page.locator(".message").last
    before = last.get_attribute("data-seq")
    bottom = window.scroller.evaluate("(scroller) => scroller.scrollHeight - scroller.clientHeight - 300")
    seen: Any = window.scroller.evaluate(SCROLL_AND_LOOK, bottom)
    expect(last).not_to_have_attribute("data-seq", str(before))
    assert abs(top_of(window, seen["seq"]) - seen["top"]) < 1.5
    texts += [text for text in window.texts() if text not in texts]


def test_scrolling_through_hundreds_of_messages_never_jumps_and_shows_every_message_once(
    platform: Platform, window: OpenWindow, name: Callable[[str], str]
) -> None:
    texts = seed_direct(platform, name("ann"), name("bob"), MESSAGES)
    ann = window(name("ann"))
    ann.open(name("bob"))
    expect(ann.message(texts[-1])).to_be_in_viewport()
    steps = 0
    while not ann.page.locator(".beginning").count():
        scroll_up_once(ann)
        assert ann.page.locator(".entries > li").count() <= MOST_LINES
        steps += 1
    assert steps >= 3
    ann.scroller.evaluate("(scroller) => { scroller.scrollTop = 0; }")
    expect(ann.message(texts[0])).to_be_in_viewport()
    shown = ann.texts()
    while texts[-1] not in shown:
        scroll_down_once(ann, shown)
    assert shown == texts


def test_jump_to_latest_leads_from_anywhere_to_the_newest_message(
    platform: Platform, window: OpenWindow, name: Callable[[str], str]
) -> None:
    texts = seed_direct(platform, name("ann"), name("bob"), 150)
    ann = window(name("ann"))
    ann.open(name("bob"))
    expect(ann.message(texts[-1])).to_be_in_viewport()
    jump = ann.page.get_by_role("button", name="Jump to latest")
    expect(jump).to_be_hidden()
    scroll_up_once(ann)
    jump.click()
    expect(ann.message(texts[-1])).to_be_in_viewport()
    expect(jump).to_be_hidden()


def test_what_arrives_while_one_reads_older_messages_moves_nothing_and_stays_unread(
    platform: Platform, window: OpenWindow, name: Callable[[str], str]
) -> None:
    texts = seed_direct(platform, name("ann"), name("bob"), 160)
    ann, bob = window(name("ann")), window(name("bob"))
    ann.open(bob.user)
    bob.open(ann.user)
    expect(ann.message(texts[-1])).to_be_in_viewport()
    ann.expect_unread(bob.user, 0)
    scroll_up_once(ann)
    seen: Any = ann.scroller.evaluate(VISIBLE)
    bob.say("Something new")
    ann.expect_unread(bob.user, 1)
    assert abs(top_of(ann, seen["seq"]) - seen["top"]) < 1.5
    bob.expect_ticks("Something new", "delivered")
    ann.page.get_by_role("button", name="Jump to latest, 1 new message").click()
    expect(ann.page.locator(".divider")).to_have_text("1 new message")
    bob.expect_ticks("Something new", "read")


def test_an_unread_conversation_opens_at_its_first_new_message(
    platform: Platform, window: OpenWindow, name: Callable[[str], str]
) -> None:
    seed_direct(platform, name("ann"), name("bob"), 40)
    ann = window(name("ann"))
    ann.open(name("bob"))
    ann.expect_unread(name("bob"), 0)
    ann.page.keyboard.press("Escape")
    bob = window(name("bob"))
    bob.open(ann.user)
    for number in range(1, 31):
        bob.say(f"news {number}")
    ann.expect_unread(bob.user, 30)
    ann.open(bob.user)
    expect(ann.page.locator(".divider")).to_have_text("30 new messages")
    expect(ann.page.locator(".divider")).to_be_in_viewport()
    expect(ann.message("news 1")).to_be_in_viewport()
    bob.expect_ticks("news 1", "read")
    bob.expect_ticks("news 30", "delivered")


def test_a_quote_leads_to_a_message_that_was_not_loaded(
    platform: Platform, window: OpenWindow, name: Callable[[str], str]
) -> None:
    texts = seed_direct(platform, name("ann"), name("bob"), 180)
    bob = window(name("bob"))
    bob.open(name("ann"))
    while texts[4] not in bob.texts():
        scroll_up_once(bob)
    bob.act(texts[4], "Reply")
    bob.say("About an old line")
    ann = window(name("ann"))
    ann.open(name("bob"))
    expect(ann.message(texts[4])).to_have_count(0)
    ann.message("About an old line").locator(".quote").click()
    expect(ann.message(texts[4])).to_be_focused()
