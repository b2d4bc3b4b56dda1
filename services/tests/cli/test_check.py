"""`parley check` says whether people can chat, and why not."""

from pathlib import Path

from tests.cli.test_commands import parley
from tests.platform import Platform

SECRET = "0123456789abcdef" * 2


def test_a_message_is_printed_as_the_other_one_received_it(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "data").start()
    try:
        for _ in range(2):
            done = parley("check", "--url", platform.url, "--as", "ann", "--to", "bob")
            assert (done.returncode, done.stderr) == (0, "")
            assert "ann: checked by " in done.stdout
            assert len(done.stdout.splitlines()) == 1
    finally:
        assert platform.stop() == 0


def test_tokens_are_signed_with_the_platforms_secret_and_others_are_refused(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "data").start()
    try:
        secret = (tmp_path / "data" / "jwt-secret").read_text()
        check = ("check", "--url", platform.url, "--as", "ann", "--to", "bob")
        assert parley(*check, PARLEY_JWT_SECRET=secret).returncode == 0
        done = parley(*check, "--wait-seconds", "600", PARLEY_JWT_SECRET=SECRET)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("parley: ")
    finally:
        assert platform.stop() == 0


def test_a_platform_that_does_not_answer_is_waited_for_and_then_named() -> None:
    done = parley("check", "--url", "http://127.0.0.1:9", "--as", "ann", "--to", "bob", "--wait-seconds", "3")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("waiting: http://127.0.0.1:9 does not answer") == 1
    assert "parley: unavailable: http://127.0.0.1:9" in done.stderr


def test_one_user_alone_is_wrong_usage() -> None:
    assert parley("check", "--as", "ann", "--to", "ann").returncode == 2
