"""Where keys come from; every source follows its rotation without a restart."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
import jwt
import structlog

from parley.adapters.jwt.mint import check_secret
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.clock import Clock

_PUBLIC_ALGORITHMS: Final = {"RSA": ("RS256",), "EC": ("ES256",)}
_FETCH_S: Final = 5.0
_REFRESH_S: Final = 300.0
_UNKNOWN_KEY_S: Final = 10.0
_log = structlog.get_logger("parley.tokens")


@dataclass(frozen=True, slots=True)
class Key:
    """A key with the only algorithms it may verify: a public key can never pass as a shared secret."""

    value: Any
    algorithms: Sequence[str]
    identifier: str | None = None


class KeySource(Protocol):
    """Some keys, as they are now."""

    async def keys(self, identifier: str | None) -> list[Key]:
        """Keys to try for a token with this key id."""
        ...


class Secrets:
    """Shared secrets out of a file, one a line, read again when it changes; or one fixed secret."""

    def __init__(self, secret: str | None, path: Path | None) -> None:
        """Check what is there now, so that a bad secret is found at the start."""
        self._fixed = [_secret_key(secret)] if secret is not None else []
        self._file = _WatchedFile(path) if path is not None else None
        self._read: list[Key] = []
        if self._file is not None:
            self._refresh(self._file)

    async def keys(self, identifier: str | None) -> list[Key]:
        """Every secret; the id is not used."""
        del identifier
        if self._file is not None:
            self._refresh(self._file)
        return [*self._fixed, *self._read]

    def _refresh(self, file: "_WatchedFile") -> None:
        text = file.changed_text()
        if text is not None:
            self._read = [_secret_key(line.strip()) for line in text.splitlines() if line.strip()]


class JwksFile:
    """A JSON Web Key Set in a file, read again when it changes."""

    def __init__(self, path: Path) -> None:
        """Read it now, so that a bad file is found at the start."""
        self._file = _WatchedFile(path)
        self._keys = _parse(self._file.changed_text() or "", str(path))

    async def keys(self, identifier: str | None) -> list[Key]:
        """Keys with this id, or all without one."""
        text = self._file.changed_text()
        if text is not None:
            self._keys = _parse(text, "the JWKS file")
        return _matching(self._keys, identifier)


class JwksUrl:
    """A JSON Web Key Set at a URL: cached, fetched again for an unknown key id, kept while the URL is away."""

    def __init__(self, url: str, clock: Clock) -> None:
        """Fetch nothing yet."""
        self._url = url
        self._clock = clock
        self._keys: list[Key] = []
        self._fetched_at: float | None = None
        self._lock = asyncio.Lock()

    async def keys(self, identifier: str | None) -> list[Key]:
        """Keys with this id, or all without one; an unknown id asks the URL, but not more often than every 10 s."""
        found = _matching(self._keys, identifier)
        if not self._due(_REFRESH_S if found else _UNKNOWN_KEY_S):
            return found
        async with self._lock:
            if self._due(_REFRESH_S if found else _UNKNOWN_KEY_S):
                await self._fetch()
        return _matching(self._keys, identifier)

    def _due(self, every_s: float) -> bool:
        return self._fetched_at is None or self._clock.monotonic() - self._fetched_at >= every_s

    async def _fetch(self) -> None:
        self._fetched_at = self._clock.monotonic()
        try:
            async with httpx.AsyncClient(timeout=_FETCH_S) as http:
                answer = await http.get(self._url)
                answer.raise_for_status()
            self._keys = _parse(answer.text, self._url)
        except (httpx.HTTPError, ParleyError) as error:
            _log.warning("key set cannot be fetched", url=self._url, cause=str(error), kept=len(self._keys))
            if not self._keys:
                self._fetched_at = None
                text = f"the key set {self._url} cannot be read: {error}"
                raise ParleyError(ErrorCode.UNAVAILABLE, text, after_ms=1000) from None


class _WatchedFile:
    """Tells the content of a file when it is another than at the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    def changed_text(self) -> str | None:
        """The text if it changed; None if not, or if the file is away for a moment."""
        try:
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
            if seen == self._seen:
                return None
            text = self._path.read_text()
        except OSError as error:
            if self._seen is not None:
                return None
            reason = f"{self._path} cannot be read: {error.strerror}"
            raise ParleyError(ErrorCode.INVALID_FIELD, reason, field="jwt_secret_file") from None
        self._seen = seen
        return text


def _secret_key(secret: str) -> Key:
    return Key(check_secret(secret), ("HS256",))


def _parse(text: str, where: str) -> list[Key]:
    try:
        parsed = jwt.PyJWKSet.from_json(text)
    except (jwt.PyJWTError, ValueError, AttributeError, TypeError) as error:
        raise ParleyError(ErrorCode.INVALID_FIELD, f"{where} is no JSON Web Key Set: {error}", field="jwks") from None
    return [
        Key(key.key, _PUBLIC_ALGORITHMS[key.key_type], key.key_id)
        for key in parsed.keys
        if key.key_type in _PUBLIC_ALGORITHMS
    ]


def _matching(keys: Sequence[Key], identifier: str | None) -> list[Key]:
    return [key for key in keys if identifier is None or key.identifier in {identifier, None}]
