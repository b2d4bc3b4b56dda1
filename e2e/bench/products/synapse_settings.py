"""Synapse's settings: its documentation's advice for one node, with everything lifted that would only refuse load."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from e2e.bench.drivers.matrix_wire import SERVER

CONFIGURATION: Final = (
    "one process without workers, which need a Redis; all rate limits lifted (rc_*); presence off, as the "
    "documentation advises for small machines; no federation listener; connection pool 5 to 10 (the documentation's "
    "example); log level ERROR; all else as it is by default. Clients send one message at a time each"
)
_PER_SECOND: Final = 1_000_000
_LIMITS: Final = (
    "rc_message",
    "rc_registration",
    "rc_registration_token_validity",
    "rc_login.address",
    "rc_login.account",
    "rc_login.failed_attempts",
    "rc_joins.local",
    "rc_joins.remote",
    "rc_joins_per_room",
    "rc_room_creation",
    "rc_invites.per_room",
    "rc_invites.per_user",
    "rc_invites.per_issuer",
    "rc_presence.per_user",
    "rc_user_directory",
    "rc_profile",
)


def settings(folder: Path, address: tuple[str, int], database: Mapping[str, object], secret: str) -> dict[str, object]:
    """The content of homeserver.yaml; every file it names is in the folder."""
    host, port = address
    listener = {"port": port, "bind_addresses": [host], "type": "http", "resources": [{"names": ["client"]}]}
    return {
        "server_name": SERVER,
        "report_stats": False,
        "pid_file": str(folder / "homeserver.pid"),
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "macaroon_secret_key": secret,
        "form_secret": secret,
        "trusted_key_servers": [],
        "listeners": [listener],
        "database": {"name": "psycopg2", "args": {**database, "cp_min": 5, "cp_max": 10}},
        "presence": {"enabled": False},
        **_lifted(),
    }


def log_settings() -> dict[str, object]:
    """The content of log.yaml: errors only, to the standard output."""
    return {
        "version": 1,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "root": {"level": "ERROR", "handlers": ["console"]},
        "disable_existing_loggers": False,
    }


def signing_key(seed: bytes) -> str:
    """The content of signing.key, from 32 random bytes: Synapse would start a second time only to make it."""
    return f"ed25519 a_bench {base64.b64encode(seed).decode().rstrip('=')}\n"


def _lifted() -> dict[str, object]:
    lifted: dict[str, dict[str, object]] = {}
    for name in _LIMITS:
        group, _, part = name.partition(".")
        limit: dict[str, object] = {"per_second": _PER_SECOND, "burst_count": _PER_SECOND}
        lifted.setdefault(group, {}).update({part: limit} if part else limit)
    return dict(lifted)
