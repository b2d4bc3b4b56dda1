"""Runs what documentation shows, exactly as it is shown; only the port is another one."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.patience import STILL_S
from tests.platform import Platform

PROJECT: Final = Path(__file__).resolve().parents[2]
SHOWN_URL: Final = "http://127.0.0.1:8080"
_MARKED: Final = re.compile(
    r"<!-- run: (?P<name>[a-z ]+) -->\n```(?P<language>sh|python|js)\n(?P<code>.*?)```", re.DOTALL
)


@dataclass(frozen=True)
class Snippet:
    """A marked block of a page."""

    language: str
    code: str


def snippets_of(page: str) -> dict[str, Snippet]:
    """The marked blocks of a page of the project, by name."""
    found = _MARKED.finditer((PROJECT / page).read_text())
    return {each["name"]: Snippet(each["language"], each["code"]) for each in found}


def run(platform: Platform, snippet: Snippet) -> str:
    """Run a shell or Python snippet in the folder in which the platform was started; returns what it prints."""
    program = ["bash", "-euo", "pipefail", "-c"] if snippet.language == "sh" else [sys.executable, "-c"]
    done = subprocess.run(
        [*program, snippet.code.replace(SHOWN_URL, platform.url)],
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
