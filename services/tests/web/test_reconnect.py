from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.platform import Platform
from tests.web.conftest import OpenWindow

pytestmark = pytest.mark.browser


def test_kill_and_restart_lose_nothing_double_nothing_and_send_what_was_queued(
    own_platform: Platform, window: OpenWindow, name: Callable[[str], str]
) -> None:
    """G1, G2 and G4 as two people see them."""
    ann, bob = window(name("ann"), url=own_platform.url), window(name("bob"), url=own_platform.url)
    ann.write_to(bob.user)
    written = ["before the crash"]
    ann.say(written[0])
    bob.open(ann.user)
    ann.expect_ticks(written[0], "read")
    for round_number in range(3):
        flying = [f"round {round_number}, flying {number}" for number in range(5)]
        for text in flying:
            ann.say(text)
        own_platform.kill()
        expect(ann.page.get_by_text("No connection.")).to_be_visible()
        expect(ann.page.locator(".subtitle")).to_be_empty()
        queued = [f"round {round_number}, queued {number}" for number in range(3)]
        for text in queued:
            ann.say(text)
            ann.expect_ticks(text, "pending")
        expect(ann.page.locator(".connection")).to_contain_text("to be sent")
        own_platform.start()
        written += flying + queued
        ann.expect_ticks(written[-1], "read")
        expect(ann.page.locator(".connection")).to_be_empty()
        expect(ann.page.locator(".subtitle")).to_have_text("online")
        expect(bob.message(written[-1])).to_be_visible()
        assert bob.texts() == written
        assert ann.texts() == written
    for one in (ann, bob):
        one.page.reload()
        expect(one.message(written[-1])).to_be_visible()
        assert one.texts() == written


def test_queued_messages_survive_a_reload_of_the_page(
    own_platform: Platform, window: OpenWindow, name: Callable[[str], str]
) -> None:
    ann = window(name("ann"), url=own_platform.url)
    ann.write_to(name("bob"))
    ann.say("sent")
    ann.expect_ticks("sent", "sent")
    own_platform.kill()
    expect(ann.page.get_by_text("No connection.")).to_be_visible()
    ann.say("queued")
    ann.expect_ticks("queued", "pending")
    own_platform.start()
    ann.page.reload()
    ann.expect_ticks("queued", "sent")
    assert ann.texts() == ["sent", "queued"]
