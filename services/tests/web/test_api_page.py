"""The page at /docs shows every operation, under the same policy as everything else."""

import pytest
from playwright.sync_api import Browser, expect

from parley.roles.chat.http.operations import OPERATIONS
from tests.platform import Platform

pytestmark = pytest.mark.browser


def test_the_api_page_shows_every_operation(browser: Browser, platform: Platform) -> None:
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{platform.url}/docs")
    expect(page.locator("details")).to_have_count(len(OPERATIONS))
    page.locator("#sendMessage summary").click()
    expect(page.locator("#sendMessage")).to_contain_text("client_msg_id")
    assert faults == []
    page.close()
