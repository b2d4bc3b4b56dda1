"""A real platform and a real Chromium for the tests of the web client."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.platform import Platform
from tests.web.window import PATIENCE_MS, WIDE, Theme, Window, open_window

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
UNREACHABLE: Final = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "WebSocket connection")

OpenWindow = Callable[..., Window]


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    running = Platform(tmp_path_factory.mktemp("web") / "data").start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for this folder, in which no test is asynchronous: until it ends, no other event loop can run."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def name() -> Callable[[str], str]:
    """Names that no other test uses, since all tests share one platform."""
    suffix = secrets.token_hex(3)
    return lambda first: f"{first}-{suffix}"


@pytest.fixture
def window(browser: Browser, platform: Platform) -> Iterator[OpenWindow]:
    """Opens signed-in windows; in the end none of their pages may have had a fault."""
    opened: list[Window] = []

    def open_one(user: str, size: tuple[int, int] = WIDE, theme: Theme = "light", url: str = "") -> Window:
        opened.append(open_window(browser, url or platform.url, user, size, theme))
        return opened[-1].sign_in()

    yield open_one
    faults = [fault for one in opened for fault in one.faults if not any(known in fault for known in UNREACHABLE)]
    for one in opened:
        one.page.context.close()
    assert faults == []


@pytest.fixture
def own_platform(tmp_path: Path) -> Iterator[Platform]:
    """A platform that a test may kill."""
    running = Platform(tmp_path / "data").start()
    yield running
    running.stop()
