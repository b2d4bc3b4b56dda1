"""The secret that signs development tokens."""

import secrets
from pathlib import Path
from typing import Final

from parley.runtime.settings import Settings

SECRET_FILE: Final = "jwt-secret"  # noqa: S105 - a file's name


def development_secret(settings: Settings, directory: Path | None) -> str | None:
    """The secret that signs development tokens: made beside the data at the first start, readable by its owner only."""
    if not settings.development or settings.jwt_secret_file is not None:
        return None
    if settings.jwt_secret is not None:
        return settings.jwt_secret.get_secret_value()
    if directory is None:
        return secrets.token_hex(32)
    path = directory / SECRET_FILE
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n")
    return path.read_text().strip()
