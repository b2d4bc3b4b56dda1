"""Who somebody is, according to a token."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Identity:
    """The user that the token names, and when it ends (ms since 1970; None: never)."""

    user: str
    expires_at: int | None


class TokenVerifier(Protocol):
    """Checks signature, issuer, audience and time."""

    async def verify(self, token: str) -> Identity:
        """Return the identity, or raise ParleyError UNAUTHENTICATED or TOKEN_EXPIRED that says what is wrong."""
        ...
