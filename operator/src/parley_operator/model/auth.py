"""`spec.auth`: which tokens people come with."""

from typing import Annotated

from pydantic import Field

from parley_operator.model.part import Part, Rule, SecretKey, Text


class Auth(Part):
    """Who may connect: people with a token (JWT) that these keys prove."""

    rules = (
        Rule(
            "[has(self.jwtSecret), has(self.jwksUrl), has(self.jwksSecret)].filter(each, each).size() == 1",
            "exactly one of jwtSecret, jwksUrl and jwksSecret must be set",
        ),
        Rule(
            "!has(self.jwksUrl) || isURL(self.jwksUrl) && url(self.jwksUrl).getScheme() in ['https', 'http']",
            "jwksUrl must be a URL that begins with https://",
            field=".jwksUrl",
        ),
        Rule(
            "!has(self.jwksUrl) || self.jwksUrl.startsWith('https://')"
            " || self.jwksUrl.matches('^http://[^/?#@]*[.]svc([.:][^/?#@]*)?([/?#]|$)')",
            "jwksUrl must begin with https://: who changes keys on the way can be anybody (http:// is for a Service"
            " of this Kubernetes)",
            field=".jwksUrl",
        ),
    )

    jwt_secret: SecretKey | None = None
    """Secret of HS256 tokens, at least 32 bytes."""
    jwks_url: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """Where the public keys of RS256 and ES256 tokens are read (a JSON Web Key Set)."""
    jwks_secret: SecretKey | None = None
    """Public keys of RS256 and ES256 tokens, as a JSON Web Key Set in a Secret."""
    issuer: Text | None = None
    """Issuer that a token must have; any without it."""
    audience: Text | None = None
    """Audience that a token must have; any without it."""
    leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 10
    """Tolerated difference of clocks."""
    allowed_origins: Annotated[
        list[Text], Field(max_length=64, json_schema_extra={"x-kubernetes-list-type": "set"})
    ] = []
    """Origins of web pages that may connect, such as https://chat.example.com; the own host always may; "*" is all."""
