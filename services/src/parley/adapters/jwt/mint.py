"""Signing development tokens."""

from typing import Final

import jwt

from parley.domain.errors import ErrorCode, ParleyError

SECRET_BYTES: Final = 32


def check_secret(secret: str) -> str:
    """Refuse a secret that is short enough to be guessed."""
    size = len(secret.encode())
    if size >= SECRET_BYTES:
        return secret
    text = f"the JWT secret has {size} bytes; at least {SECRET_BYTES} are needed, such as `openssl rand -hex 32` gives"
    raise ParleyError(ErrorCode.INVALID_FIELD, text, field="jwt_secret")


def mint_token(
    secret: str, user: str, *, expires_at_s: int, issuer: str | None = None, audience: str | None = None
) -> str:
    """Sign an HS256 token for a user."""
    claims: dict[str, object] = {"sub": user, "exp": expires_at_s}
    if issuer is not None:
        claims["iss"] = issuer
    if audience is not None:
        claims["aud"] = audience
    return jwt.encode(claims, check_secret(secret), "HS256")
