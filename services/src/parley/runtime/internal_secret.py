"""The secret that gateways and chat share: it can be replaced without refusing a single call."""

import hmac
import time
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from parley.domain.errors import ErrorCode, ParleyError

LEAST_CHARACTERS: Final = 32
_LOOK_EVERY_S: Final = 2.0


class InternalSecret:
    """The first line of the file is sent, every line is accepted.

    To rotate: add the new secret as second line, swap the lines when every process has seen both, drop the old one.
    """

    def __init__(self, secret: SecretStr | None, path: Path | None) -> None:
        """Raises ParleyError INVALID_FIELD when neither is given, or when the file cannot be read or is too short."""
        self._path = path
        self._looked = time.monotonic()
        self._lines = [secret.get_secret_value()] if secret is not None else []
        if path is not None:
            self._lines = self._read(path)
        if not self._lines:
            text = (
                "neither PARLEY_INTERNAL_SECRET nor PARLEY_INTERNAL_SECRET_FILE is set: gateways and chat prove with "
                f"it that they belong together. Give both the same {LEAST_CHARACTERS} or more random characters"
            )
            raise ParleyError(ErrorCode.INVALID_FIELD, text, field="internal_secret")

    def to_send(self) -> str:
        """What proves who we are."""
        self._refresh()
        return self._lines[0]

    def accepts(self, offered: str) -> bool:
        """Compare in constant time, whichever line it is, and whether or not it is any."""
        self._refresh()
        given = offered.encode()
        return any([hmac.compare_digest(given, line.encode()) for line in self._lines])  # noqa: C419 - no early end

    def _refresh(self) -> None:
        if self._path is None or time.monotonic() - self._looked < _LOOK_EVERY_S:
            return
        self._looked = time.monotonic()
        try:
            self._lines = self._read(self._path)
        except ParleyError:
            return  # half written: the next look finds it whole

    @staticmethod
    def _read(path: Path) -> list[str]:
        try:
            lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
        except OSError as error:
            text = f"PARLEY_INTERNAL_SECRET_FILE {path} cannot be read: {error.strerror}"
            raise ParleyError(ErrorCode.INVALID_FIELD, text, field="internal_secret_file") from None
        if not lines or min(map(len, lines)) < LEAST_CHARACTERS:
            text = f"PARLEY_INTERNAL_SECRET_FILE {path} must have at least {LEAST_CHARACTERS} characters in each line"
            raise ParleyError(ErrorCode.INVALID_FIELD, text, field="internal_secret_file")
        return lines
