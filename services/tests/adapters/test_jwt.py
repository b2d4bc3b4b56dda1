"""Tokens: who is trusted, for how long, and how keys change without a restart."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from typing_extensions import override

from parley.adapters.jwt.key_sources import JwksFile, JwksUrl, Secrets
from parley.adapters.jwt.mint import mint_token
from parley.adapters.jwt.verifier import JwtVerifier
from parley.domain.errors import ErrorCode, ParleyError
from tests.ports.conftest import ManualClock

SECRET = "a secret of at least thirty-two bytes"  # noqa: S105 - a test's
OTHER = "another secret of at least thirty-two"
CLOCK = ManualClock()
NOW = CLOCK.wall_ms // 1000
"""The clock of these tests stands: none is too slow for the tokens that it made."""


def verifier(*sources: Secrets | JwksFile, **options: str | int) -> JwtVerifier:
    return JwtVerifier(sources, CLOCK, **options)  # type: ignore[arg-type]  # options of the right types


def secrets(*values: str) -> Secrets:
    return Secrets(values[0], None)


async def refusal(checked: JwtVerifier, token: str) -> ParleyError:
    with pytest.raises(ParleyError) as refused:
        await checked.verify(token)
    return refused.value


async def test_a_token_names_its_user_and_its_end() -> None:
    identity = await verifier(secrets(SECRET)).verify(mint_token(SECRET, "ann", expires_at_s=NOW + 60))
    assert (identity.user, identity.expires_at) == ("ann", (NOW + 60) * 1000)


async def test_an_expired_token_is_told_apart_from_one_that_is_not_trusted() -> None:
    expired = mint_token(SECRET, "ann", expires_at_s=NOW - 60)
    assert (await refusal(verifier(secrets(SECRET)), expired)).code is ErrorCode.TOKEN_EXPIRED
    foreign = mint_token(OTHER, "ann", expires_at_s=NOW + 60)
    assert (await refusal(verifier(secrets(SECRET)), foreign)).code is ErrorCode.UNAUTHENTICATED


async def test_the_leeway_bears_a_clock_that_differs() -> None:
    token = mint_token(SECRET, "ann", expires_at_s=NOW - 5)
    assert (await verifier(secrets(SECRET), leeway_ms=60_000).verify(token)).user == "ann"


@pytest.mark.parametrize(
    "claims",
    [{"exp": NOW + 60}, {"sub": "", "exp": NOW + 60}, {"sub": 7, "exp": NOW + 60}, {"sub": "a\x00", "exp": NOW + 60},
     {"sub": "ann", "exp": "soon"}, {"sub": "ann", "nbf": NOW + 600, "exp": NOW + 700}],
)  # fmt: skip
async def test_a_token_without_a_usable_user_or_time_is_refused(claims: dict[str, object]) -> None:
    token = jwt.api_jws.PyJWS().encode(json.dumps(claims).encode(), SECRET, "HS256")
    assert (await refusal(verifier(secrets(SECRET)), token)).code is ErrorCode.UNAUTHENTICATED


async def test_issuer_and_audience_are_required_where_they_are_set() -> None:
    checked = verifier(secrets(SECRET), issuer="https://id.example", audience="parley")
    good = mint_token(SECRET, "ann", expires_at_s=NOW + 60, issuer="https://id.example", audience="parley")
    assert (await checked.verify(good)).user == "ann"
    for issuer, audience in ((None, "parley"), ("https://id.example", None), ("https://id.example", "other")):
        token = mint_token(SECRET, "ann", expires_at_s=NOW + 60, issuer=issuer, audience=audience)
        assert (await refusal(checked, token)).code is ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "..", "é.é.é"])
async def test_garbage_is_refused(token: str) -> None:
    assert (await refusal(verifier(secrets(SECRET)), token)).code is ErrorCode.UNAUTHENTICATED


async def test_a_token_without_signature_is_refused() -> None:
    token = jwt.encode({"sub": "ann", "exp": NOW + 60}, "", "none")
    assert (await refusal(verifier(secrets(SECRET)), token)).code is ErrorCode.UNAUTHENTICATED


def test_a_short_secret_is_refused_with_a_way_out() -> None:
    with pytest.raises(ParleyError, match="at least 32 are needed, such as `openssl rand"):
        Secrets("short", None)


async def test_secrets_in_a_file_change_without_a_restart_and_overlap(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text(SECRET + "\n")
    checked = verifier(Secrets(None, file))
    await checked.verify(mint_token(SECRET, "ann", expires_at_s=NOW + 60))
    file.write_text(f"{OTHER}\n{SECRET}\n")
    for secret in (SECRET, OTHER):
        assert (await checked.verify(mint_token(secret, "bob", expires_at_s=NOW + 60))).user == "bob"
    file.write_text(OTHER + "\n\n")
    assert (await refusal(checked, mint_token(SECRET, "cho", expires_at_s=NOW + 60))).code is ErrorCode.UNAUTHENTICATED


async def test_public_keys_verify_their_own_algorithm_and_rotate(tmp_path: Path) -> None:
    rsa_key, ec_key = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    keys = [
        {**json.loads(RSAAlgorithm.to_jwk(rsa_key.public_key())), "kid": "one"},
        {**json.loads(ECAlgorithm.to_jwk(ec_key.public_key())), "kid": "two"},
    ]
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": keys[:1]}))
    checked = verifier(JwksFile(file))
    claims = {"sub": "ann", "exp": NOW + 60}
    assert (await checked.verify(jwt.encode(claims, rsa_key, "RS256", {"kid": "one"}))).user == "ann"
    ec_token = jwt.encode(claims, ec_key, "ES256", {"kid": "two"})
    assert (await refusal(checked, ec_token)).code is ErrorCode.UNAUTHENTICATED
    file.write_text(json.dumps({"keys": keys}))
    assert (await checked.verify(ec_token)).user == "ann"


async def test_a_public_key_never_passes_as_a_shared_secret(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [{**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": "one"}]}))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=")
    payload = base64.urlsafe_b64encode(json.dumps({"sub": "ann", "exp": NOW + 60}).encode()).rstrip(b"=")
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signed = base64.urlsafe_b64encode(signature.sign(header + b"." + payload, public)).rstrip(b"=")
    forged = b".".join((header, payload, signed)).decode()
    assert (await refusal(verifier(JwksFile(file)), forged)).code is ErrorCode.UNAUTHENTICATED


async def test_keys_at_a_url_are_fetched_for_an_unknown_id_and_kept_while_it_is_away() -> None:
    one, two = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    sets = [{"keys": [public_key(one, "one")]}]
    clock = ManualClock()
    with serving(lambda: json.dumps(sets[-1])) as url:
        checked = JwtVerifier([JwksUrl(url, clock)], clock)
        claims = {"sub": "ann", "exp": NOW + 6_000}
        assert (await checked.verify(jwt.encode(claims, one, "ES256", {"kid": "one"}))).user == "ann"
        sets.append({"keys": [public_key(one, "one"), public_key(two, "two")]})
        clock.seconds += 11
        assert (await checked.verify(jwt.encode(claims, two, "ES256", {"kid": "two"}))).user == "ann"
    clock.seconds += 1_000
    again = jwt.encode({**claims, "sub": "bob"}, two, "ES256", {"kid": "two"})
    assert (await checked.verify(again)).user == "bob"


async def test_a_url_without_keys_is_told_as_an_outage_and_not_as_a_bad_token() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    checked = JwtVerifier([JwksUrl("http://127.0.0.1:9/jwks", CLOCK)], CLOCK)
    token = jwt.encode({"sub": "ann", "exp": NOW + 60}, key, "ES256", {"kid": "one"})
    refused = await refusal(checked, token)
    assert (refused.code, refused.retryable) == (ErrorCode.UNAVAILABLE, True)


def public_key(key: ec.EllipticCurvePrivateKey, identifier: str) -> dict[str, str]:
    return {**json.loads(ECAlgorithm.to_jwk(key.public_key())), "kid": identifier}


@contextmanager
def serving(answer: Callable[[], str]) -> Iterator[str]:
    """Serve a text; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer().encode())

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/jwks"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
