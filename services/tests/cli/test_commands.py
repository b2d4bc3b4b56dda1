"""The commands as scripts see them: help with an example, exit codes, errors on stderr."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import STILL_S
from tests.platform import Platform

COMMANDS = ("dev", "run", "token", "send", "tail", "check", "version")


def parley(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "parley.cli", *arguments],
        check=False,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=STILL_S,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    done = parley(command, "--help")
    assert done.returncode == 0
    assert "Example: " in done.stdout
    assert f"parley {command}" in done.stdout


def test_the_version_is_printed_alone() -> None:
    done = parley("version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().count(".") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("dance",),
        ("send", "--as", "ann", "text"),
        ("send", "--as", "ann", "--to", "bob", "--conversation", "c", "text"),
        ("tail", "--as", "bob", "--count", "0"),
        ("run", "king"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_why_on_stderr(arguments: tuple[str, ...]) -> None:
    done = parley(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_a_role_alone_refuses_backends_that_nobody_else_reaches() -> None:
    done = parley("run", "sequencer")
    assert done.returncode == 1
    assert "PARLEY_LOG_URL=sqlite:./parley-data" in done.stderr
    assert "`parley dev` runs all roles" in done.stderr


def test_all_wrong_settings_are_reported_at_once_with_value_and_what_is_allowed(tmp_path: Path) -> None:
    wrong = {"PARLEY_HEARTBEAT_MS": "soon", "PARLEY_TEXT_BYTES": "0", "PARLEY_LOG_FORMAT": "xml"}
    done = parley("dev", "--port", "0", "--data", str(tmp_path / "data"), **wrong)
    assert done.returncode == 2
    for name, value in wrong.items():
        assert f"{name} is {value!r}" in done.stderr


def test_a_missing_development_key_names_the_way_out(tmp_path: Path) -> None:
    done = parley("token", "ann", "--data", str(tmp_path / "nothing"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Start `parley dev` with this --data folder" in done.stderr


def test_a_server_that_is_away_is_named() -> None:
    done = parley("send", "--url", "http://127.0.0.1:9", "--as", "ann", "--to", "bob", "hello")
    assert (done.returncode, done.stdout) == (3, "")
    assert "http://127.0.0.1:9" in done.stderr


def test_a_taken_port_and_a_taken_folder_are_refused_by_name(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "data").start()
    try:
        port = parley("dev", "--port", str(platform.port), "--data", str(tmp_path / "other"))
        assert port.returncode == 3
        assert f"127.0.0.1:{platform.port}" in port.stderr
        folder = parley("dev", "--port", "0", "--data", str(platform.data))
        assert folder.returncode == 3
        assert str(platform.data) in folder.stderr
    finally:
        assert platform.stop() == 0


def test_sent_messages_are_tailed_as_lines_or_as_json(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "data").start()
    try:
        sent = parley("send", "--url", platform.url, "--as", "ann", "--to", "bob", "--client-msg-id", "k", "hello")
        assert sent.returncode == 0
        assert '"client_msg_id": "k"' in sent.stdout
        tail = ("tail", "--url", platform.url, "--as", "bob", "--from-beginning", "--count", "1")
        assert "ann: hello" in parley(*tail).stdout
        assert '"text": "hello"' in parley(*tail, "--json").stdout
    finally:
        platform.kill()
