"""The JavaScript SDK passes the golden vectors, in a real browser."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.static_server import serve_static

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with serve_static() as address:
        page = browser.new_page()
        page.goto(address)
        yield page
        page.close()


def failing(page: Page, function: str, vectors: str) -> object:
    """Run a function of play.js over all vectors of a file."""
    return page.evaluate(
        """async ([name, vectors]) => {
            const play = await import("/vectors/play.js");
            return play[name](await (await fetch(`/vectors/${vectors}.json`)).json());
        }""",
        [function, vectors],
    )


def test_the_javascript_codec_passes_every_vector_in_both_encodings(page: Page) -> None:
    assert failing(page, "differingFrames", "codec") == []


def test_the_javascript_sdk_derives_the_same_direct_conversations(page: Page) -> None:
    assert failing(page, "differingIdentities", "identities") == []


def test_the_javascript_machine_plays_every_scenario_as_the_python_one(page: Page) -> None:
    differing = page.evaluate(
        """async () => {
            const play = await import("/vectors/play.js");
            const vectors = await (await fetch("/vectors/scenarios.json")).json();
            const played = vectors.map((vector) => ({ name: vector.name, difference: play.differingStep(vector) }));
            return played.filter(({ difference }) => difference !== null);
        }"""
    )
    assert differing == [], json.dumps(differing[0], indent=1, ensure_ascii=False)
