"""What the README shows works exactly as it is shown."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import STILL_S
from tests.platform import Platform

README = Path(__file__).resolve().parents[2] / "README.md"
SNIPPET = re.compile(r"<!-- run: (?P<name>[a-z ]+) -->\n```(?P<language>sh|python)\n(?P<code>.*?)```", re.DOTALL)
SNIPPETS = {found["name"]: (found["language"], found["code"]) for found in SNIPPET.finditer(README.read_text())}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    running = Platform(tmp_path_factory.mktemp("readme") / "parley-data").start()
    yield running
    running.stop()


def run(platform: Platform, name: str) -> str:
    """Run a snippet in the folder in which the platform was started; only the port is another one."""
    language, code = SNIPPETS[name]
    program = ["bash", "-euo", "pipefail", "-c"] if language == "sh" else [sys.executable, "-c"]
    done = subprocess.run(
        [*program, code.replace("http://127.0.0.1:8080", platform.url)],
        check=False,
        cwd=platform.data.parent,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PARLEY_URL": platform.url,
        },
        capture_output=True,
        text=True,
        timeout=STILL_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_marked_snippet_is_run_here() -> None:
    assert set(SNIPPETS) == {"command line", "http", "http list", "python"}


def test_the_command_line_of_the_readme_sends_reads_and_gives_a_token(platform: Platform) -> None:
    output = run(platform, "command line")
    assert '"client_msg_id"' in output
    assert "ann: Hello, Bob" in output
    assert output.strip().splitlines()[-1].count(".") == 2


def test_the_curl_calls_of_the_readme_send_and_list(platform: Platform) -> None:
    assert "from-curl-1" in run(platform, "http")
    deadline = time.monotonic() + STILL_S
    while "conversations" not in run(platform, "http list"):
        assert time.monotonic() < deadline, "the message never had its place"


def test_the_python_of_the_readme_sends_and_receives(platform: Platform) -> None:
    output = run(platform, "python")
    assert "durable:" in output
    assert "ann: Are you there?" in output
