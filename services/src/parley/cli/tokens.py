"""Tokens for people who try the platform: signed with the key in a development folder."""

import os
import time
from pathlib import Path

from parley.adapters.jwt.mint import mint_token
from parley.contract import ENVIRONMENT_PREFIX
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_name

SECRET_FILE = "jwt-secret"  # noqa: S105 - a file's name


def development_token(user: str, data: Path, hours: int) -> str:
    """Sign a token with the secret of `parley dev --data DATA`, or with PARLEY_JWT_SECRET where that is set."""
    check_name(user, "user")
    secret = os.environ.get(f"{ENVIRONMENT_PREFIX}JWT_SECRET") or _read_secret(data / SECRET_FILE)
    return mint_token(secret, user, expires_at_s=int(time.time()) + hours * 3600)


def _read_secret(path: Path) -> str:
    try:
        return path.read_text().split("\n", 1)[0].strip()
    except OSError as error:
        text = (
            f"cannot read the development key {path}: {error.strerror}. Start `parley dev` with this --data folder "
            "first, name its folder with --data, or set PARLEY_JWT_SECRET"
        )
        raise ParleyError(ErrorCode.NOT_FOUND, text, field="data") from None
