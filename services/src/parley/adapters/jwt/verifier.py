"""Tokens to identities: signature, issuer, audience, time."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import jwt

from parley.adapters.jwt.key_sources import Key, KeySource
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_name
from parley.ports.clock import Clock
from parley.ports.tokens import Identity

_HELD: Final = 10_000
_HELD_S: Final = 60.0


class JwtVerifier:
    """Verifies with every key that a source offers; a verified token is remembered for a minute at most."""

    def __init__(
        self,
        sources: Sequence[KeySource],
        clock: Clock,
        *,
        issuer: str | None = None,
        audience: str | None = None,
        leeway_ms: int = 0,
    ) -> None:
        """Without any source every token is refused."""
        self._sources = sources
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._leeway_ms = leeway_ms
        self._known: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()

    async def verify(self, token: str) -> Identity:
        """Return the identity; raises UNAUTHENTICATED or TOKEN_EXPIRED that says what is wrong."""
        digest = hashlib.blake2b(token.encode(), digest_size=16).digest()
        now = self._clock.monotonic()
        known = self._known.get(digest)
        if known is not None and now - known[0] < _HELD_S and not self._expired(known[1]):
            return known[1]
        identity = await self._verify(token)
        self._known[digest] = (now, identity)
        while len(self._known) > _HELD:
            self._known.popitem(last=False)
        return identity

    async def _verify(self, token: str) -> Identity:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise _unauthenticated(f"the token is malformed: {error}") from None
        keys = [key for source in self._sources for key in await source.keys(header.get("kid"))]
        keys = [key for key in keys if header.get("alg") in key.algorithms]
        if not keys:
            algorithm = str(header.get("alg"))[:40]
            raise _unauthenticated(f"no trusted key fits a token with algorithm {algorithm!r} and this key id")
        return self._identity(self._claims(token, keys))

    def _claims(self, token: str, keys: Sequence[Key]) -> dict[str, Any]:
        reason = "the signature does not fit any trusted key"
        for key in keys:
            try:
                claims: dict[str, Any] = jwt.decode(
                    token,
                    key.value,
                    algorithms=list(key.algorithms),
                    issuer=self._issuer,
                    audience=self._audience,
                    options={
                        "require": ["sub"],
                        "verify_exp": False,
                        "verify_nbf": False,
                        "verify_iat": False,
                        "verify_aud": self._audience is not None,
                    },
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.PyJWTError as error:
                reason = str(error)
            else:
                return claims
        raise _unauthenticated(f"the token is not trusted: {reason}")

    def _identity(self, claims: dict[str, Any]) -> Identity:
        """Judge times by our own clock port, with the leeway on both sides."""
        try:
            user = check_name(claims["sub"] if isinstance(claims["sub"], str) else "", "sub")
        except ParleyError as error:
            raise _unauthenticated(f"the token's {error.message}") from None
        identity = Identity(user, _milliseconds(claims, "exp"))
        if self._expired(identity):
            raise ParleyError(ErrorCode.TOKEN_EXPIRED, "the token has expired; get a new one", field="token")
        begins_at = _milliseconds(claims, "nbf")
        if begins_at is not None and begins_at > self._clock.now_ms() + self._leeway_ms:
            raise _unauthenticated("the token is not valid yet (nbf)")
        return identity

    def _expired(self, identity: Identity) -> bool:
        return identity.expires_at is not None and identity.expires_at + self._leeway_ms <= self._clock.now_ms()


def _milliseconds(claims: dict[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unauthenticated(f"the token's {name} is {value!r}; allowed is a number of seconds")
    return int(value * 1000)


def _unauthenticated(text: str) -> ParleyError:
    return ParleyError(ErrorCode.UNAUTHENTICATED, text, field="token")
