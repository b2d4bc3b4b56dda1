"""Gateways and chat prove with a shared secret that they belong together; it can be replaced while both run."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from parley.domain.errors import ParleyError
from parley.runtime import internal_secret
from parley.runtime.internal_secret import LEAST_CHARACTERS, InternalSecret

OLD, NEW = "o" * LEAST_CHARACTERS, "n" * LEAST_CHARACTERS


@pytest.fixture(autouse=True)
def looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internal_secret, "_LOOK_EVERY_S", 0.0)


def test_g7_only_the_secret_is_accepted() -> None:
    secret = InternalSecret(SecretStr(OLD), None)
    assert secret.accepts(OLD)
    assert not any(secret.accepts(other) for other in ("", NEW, OLD[:-1], OLD + "o", "\xff" * LEAST_CHARACTERS))


def test_a_rotation_refuses_no_call_at_any_step(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(OLD)
    gateway, chat = InternalSecret(None, file), InternalSecret(None, file)
    for lines in (f"{OLD}\n{NEW}\n", f"{NEW}\n{OLD}\n", f"{NEW}\n"):
        told = gateway.to_send()
        file.write_text(lines)
        assert chat.accepts(told)
        assert chat.accepts(gateway.to_send())
    assert not chat.accepts(OLD)


def test_a_file_that_is_half_written_or_gone_leaves_what_was_known(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(OLD)
    secret = InternalSecret(None, file)
    file.write_text("")
    assert secret.accepts(OLD)
    file.unlink()
    assert secret.accepts(OLD)


def test_without_a_secret_the_settings_that_would_give_one_are_named() -> None:
    with pytest.raises(ParleyError, match="neither PARLEY_INTERNAL_SECRET nor PARLEY_INTERNAL_SECRET_FILE"):
        InternalSecret(None, None)


@pytest.mark.parametrize("given", ["", "short", f"{OLD}\nshort"])
def test_a_secret_that_could_be_guessed_is_refused_with_the_file_and_what_is_allowed(
    given: str, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(given)
    with pytest.raises(ParleyError, match=f"{file} must have at least {LEAST_CHARACTERS} characters") as caught:
        InternalSecret(None, file)
    assert caught.value.field == "internal_secret_file"
