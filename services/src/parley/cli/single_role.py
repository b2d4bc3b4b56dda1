"""One role as a process of its own, on backends that its fellows reach as well."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from parley.adapters.connect import EMBEDDED, connect, scheme_of
from parley.adapters.http.chat_client import HttpChat
from parley.adapters.http.internal_port import InternalPort
from parley.adapters.http.profiles_client import HttpProfiles
from parley.adapters.jwt.mint import mint_token
from parley.cli.admin import AdminRole
from parley.cli.supervision import run_in_stages, stop_on_signals
from parley.contract import BACKENDS_OF_ROLES, ENVIRONMENT_PREFIX
from parley.domain.errors import ErrorCode, ParleyError
from parley.roles.chat.main import build as build_chat
from parley.roles.fanout.main import build as build_fanout
from parley.roles.gateway.main import build as build_gateway
from parley.roles.presence.main import build as build_presence
from parley.roles.receipts.main import build as build_receipts
from parley.roles.sequencer.main import build as build_sequencer
from parley.runtime.backends import Backends
from parley.runtime.collection import collect_seldom
from parley.runtime.health import Health
from parley.runtime.internal_secret import InternalSecret
from parley.runtime.logs import configure_logs
from parley.runtime.role import Role
from parley.runtime.settings import Settings, load_settings
from parley.runtime.tracing import exporting
from parley.runtime.verification import Verification

_TOKEN_S: Final = 24 * 3600


async def run_role(role: str) -> None:
    """Run the role until a signal, then let it finish what it has in hand."""
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    _check(role, settings)
    stop = stop_on_signals()
    with exporting(f"parley-{role}", settings.node_name):
        await _serve(role, settings, stop)


async def _serve(role: str, settings: Settings, stop: asyncio.Event) -> None:
    backends = await connect(settings, wanted=BACKENDS_OF_ROLES[role])
    try:
        roles: list[Role] = []
        health = Health(backends, roles, lasting=True)
        verification = Verification(backends.checks)
        port: InternalPort | None = None
        if role == "gateway":
            port = InternalPort(settings.chat_url, _secret(settings), settings.call_timeout_ms / 1000)
        main = _build(role, backends, settings, health, port)
        admin = AdminRole(health, settings)
        roles += [main] if role == "gateway" else [main, verification]
        collect_seldom()
        await run_in_stages([[main], [verification], [admin]], stop)
        if port is not None:
            await port.close()
    finally:
        await backends.close()


def _build(role: str, backends: Backends, settings: Settings, health: Health, port: InternalPort | None) -> Role:
    if port is not None:
        return build_gateway(backends, settings, HttpChat(port), HttpProfiles(port), health)
    if role == "chat":
        return build_chat(backends, settings, health, mint=minting(settings), secret=_secret(settings))
    if role == "sequencer":
        return build_sequencer(backends)
    builders: dict[str, Callable[[Backends, Settings], Role]] = {
        "fanout": build_fanout,
        "receipts": build_receipts,
        "presence": build_presence,
    }
    return builders[role](backends, settings)


def _secret(settings: Settings) -> InternalSecret:
    return InternalSecret(settings.internal_secret, settings.internal_secret_file)


def _check(role: str, settings: Settings) -> None:
    """Refuse backends that live inside one process, and a front without keys, before anything is opened."""
    urls = {"log": "log_url", "store": "store_url", "registry": "registry_url"}
    embedded = {
        f"{ENVIRONMENT_PREFIX}{urls[part].upper()}": getattr(settings, urls[part])
        for part in sorted(BACKENDS_OF_ROLES[role])
        if scheme_of(getattr(settings, urls[part])) in EMBEDDED
    }
    if embedded:
        named = ", ".join(f"{name}={url}" for name, url in embedded.items())
        text = (
            f"role {role} as a process of its own needs backends that other processes reach, but {named} lives inside "
            "one process. `parley dev` runs all roles on these"
        )
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field=next(iter(embedded)))
    keys = (settings.jwt_secret, settings.jwt_secret_file, settings.jwks_url, settings.jwks_file)
    if role in {"gateway", "chat"} and not any(keys):
        text = (
            f"role {role} checks tokens, and has no key to check them with: set PARLEY_JWT_SECRET, "
            "PARLEY_JWT_SECRET_FILE, PARLEY_JWKS_URL or PARLEY_JWKS_FILE"
        )
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field="jwt_secret")


def minting(settings: Settings) -> Callable[[str], str] | None:
    """How `/dev/token` signs; None where only others can sign, and where the mode is not development."""
    if settings.jwt_secret is None or not settings.development:
        return None
    secret = settings.jwt_secret.get_secret_value()

    def mint(user: str) -> str:
        return mint_token(
            secret,
            user,
            expires_at_s=int(time.time()) + _TOKEN_S,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
        )

    return mint
