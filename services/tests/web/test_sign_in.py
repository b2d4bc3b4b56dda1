import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.platform import Platform
from tests.web.conftest import OpenWindow
from tests.web.window import Window, open_window

pytestmark = pytest.mark.browser


def open_where_no_tokens_are_minted(browser: Browser, platform: Platform, user: str) -> Window:
    """As in production: the page asks for the mint, and there is none."""
    window = open_window(browser, platform.url, user)
    window.page.route("**/dev/token", lambda route: route.fulfill(status=404, body="{}"))
    window.page.reload()
    return window


def sign_in_with_token(window: Window, token: str) -> None:
    window.page.get_by_role("textbox", name="Token").fill(token)
    window.page.get_by_role("button", name="Start chatting").click()


def test_development_sign_in_says_loudly_that_anybody_can_be_anybody(browser: Browser, platform: Platform) -> None:
    window = open_window(browser, platform.url, "ann")
    expect(window.page.get_by_text("whoever reaches this server can be anybody")).to_be_visible()
    window.page.context.close()


def test_a_name_that_is_not_allowed_is_refused_with_the_reason(browser: Browser, platform: Platform) -> None:
    window = open_window(browser, platform.url, "ann")
    window.page.get_by_role("textbox", name="Your name").fill("a\u0000b")
    window.page.get_by_role("button", name="Start chatting").click()
    expect(window.page.get_by_role("alert")).to_contain_text("user")
    window.page.context.close()


def test_without_a_mint_the_page_takes_a_token(
    browser: Browser, platform: Platform, name: Callable[[str], str]
) -> None:
    window = open_where_no_tokens_are_minted(browser, platform, name("ann"))
    expect(window.page.get_by_text("Development sign-in.")).to_be_hidden()
    sign_in_with_token(window, "nonsense")
    expect(window.page.get_by_role("alert")).to_contain_text("not a token")
    sign_in_with_token(window, platform.token(window.user))
    expect(window.page.locator(".me")).to_have_text(f"Signed in as {window.user}")
    window.write_to(name("bob"))
    window.say("By token")
    window.expect_ticks("By token", "sent")
    window.page.context.close()


def test_an_expired_token_leads_back_to_the_sign_in_page_with_the_reason(
    browser: Browser, platform: Platform, name: Callable[[str], str]
) -> None:
    window = open_where_no_tokens_are_minted(browser, platform, name("ann"))
    sign_in_with_token(window, platform.token(window.user, seconds=-3600))
    expect(window.page.get_by_role("alert")).to_have_text(re.compile("token"))
    expect(window.page.get_by_role("textbox", name="Token")).to_be_visible()
    window.page.context.close()


def test_sign_out_leaves_nothing_of_the_person_in_the_window(window: OpenWindow, name: Callable[[str], str]) -> None:
    ann = window(name("ann"))
    ann.write_to(name("bob"))
    ann.say("Mine alone")
    ann.expect_ticks("Mine alone", "sent")
    ann.page.get_by_role("button", name="You and settings").click()
    ann.page.get_by_role("button", name="Sign out").click()
    expect(ann.page.get_by_role("textbox", name="Your name")).to_be_visible()
    expect(ann.page.get_by_text("Mine alone")).to_have_count(0)
    assert ann.page.evaluate("sessionStorage.length") == 0
    ann.page.reload()
    expect(ann.page.get_by_role("textbox", name="Your name")).to_be_visible()
