"""A random secret that is made once and kept in a file that only its owner reads."""

import secrets
from pathlib import Path


def kept_secret(file: Path) -> str:
    """The secret in `file`, made at the first question."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(18))
    return file.read_text()
