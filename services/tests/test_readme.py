"""What the README shows works exactly as it is shown."""

import time
from collections.abc import Iterator

import pytest

from tests.patience import STILL_S
from tests.platform import Platform
from tests.snippets import run, snippets_of

SNIPPETS = snippets_of("README.md")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    running = Platform(tmp_path_factory.mktemp("readme") / "parley-data").start()
    yield running
    running.stop()


def test_every_marked_snippet_is_run_here() -> None:
    assert set(SNIPPETS) == {"command line", "http", "http list", "python"}


def test_the_command_line_of_the_readme_sends_reads_and_gives_a_token(platform: Platform) -> None:
    output = run(platform, SNIPPETS["command line"])
    assert '"client_msg_id"' in output
    assert "ann: Hello, Bob" in output
    assert output.strip().splitlines()[-1].count(".") == 2


def test_the_curl_calls_of_the_readme_send_and_list(platform: Platform) -> None:
    assert "from-curl-1" in run(platform, SNIPPETS["http"])
    deadline = time.monotonic() + STILL_S
    while "conversations" not in run(platform, SNIPPETS["http list"]):
        assert time.monotonic() < deadline, "the message never had its place"


def test_the_python_of_the_readme_sends_and_receives(platform: Platform) -> None:
    output = run(platform, SNIPPETS["python"])
    assert "durable:" in output
    assert "ann: Are you there?" in output
