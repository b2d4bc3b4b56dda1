"""What docs/applications.md shows in Python works exactly as it is shown; a browser's test runs its JavaScript."""

from collections.abc import Iterator

import pytest

from tests.platform import Platform
from tests.snippets import run, snippets_of

SNIPPETS = snippets_of("docs/applications.md")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    running = Platform(tmp_path_factory.mktemp("applications") / "parley-data").start()
    yield running
    running.stop()


def test_every_marked_snippet_is_run() -> None:
    assert set(SNIPPETS) == {"bot", "group", "browser"}


def test_the_bot_answers_who_writes_to_it(platform: Platform) -> None:
    output = run(platform, SNIPPETS["bot"])
    assert "durable in " in output
    assert "You said: Is anybody there?" in output


def test_the_group_shows_receipts_presence_and_history(platform: Platform) -> None:
    output = run(platform, SNIPPETS["group"])
    assert "dan has read it" in output
    assert "dan is online: True" in output
    assert "history, newest first: ['message', 'created']" in output
