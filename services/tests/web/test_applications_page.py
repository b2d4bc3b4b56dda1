"""What docs/applications.md shows for a browser works in one."""

import pytest
from playwright.sync_api import Browser

from tests.platform import Platform
from tests.snippets import snippets_of

pytestmark = pytest.mark.browser
CODE = snippets_of("docs/applications.md")["browser"].code
IMPORT = 'import { ParleyClient } from "/sdk/client.js";'
IMPORTED = 'const { ParleyClient } = await import("/sdk/client.js");'


def test_a_page_sends_with_the_javascript_sdk_as_the_documentation_shows(browser: Browser, platform: Platform) -> None:
    assert IMPORT in CODE
    page = browser.new_page()
    page.goto(f"{platform.url}/docs")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    # A script that is written into the page would be refused by its content security policy.
    page.evaluate("async () => { " + CODE.replace(IMPORT, IMPORTED) + " }")
    assert "durable" in said
    assert any(line.startswith("online") for line in said)
    page.close()
