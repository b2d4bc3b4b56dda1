"""From the spec to the services' settings: plain ones go into a ConfigMap, secret ones into files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from parley.contract import BACKENDS_OF_ROLES
from parley_operator.desired.inputs import Inputs
from parley_operator.desired.names import (
    ADMIN_PORT,
    INTERNAL_KEY,
    INTERNAL_PORT,
    PUBLIC_PORT,
    chat_url,
    internal_secret,
)
from parley_operator.desired.sizing import partitions, sizing
from parley_operator.model.chat_cluster import ChatClusterSpec
from parley_operator.model.part import Credentials, Tls

EVERY_ADDRESS: Final = {"IPv4": "0.0.0.0", "IPv6": "::"}  # noqa: S104 - inside a pod
MOUNT: Final = "/etc/parley"
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A key of a Secret that a role reads as a file, and the setting that names the file."""

    setting: str
    secret: str
    key: str


@dataclass(frozen=True, slots=True)
class SecretValue:
    """A key of a Secret that a role reads from its environment."""

    setting: str
    secret: str
    key: str


def plain_settings(inputs: Inputs) -> dict[str, str]:
    """Settings without secrets, the same for all roles."""
    spec = inputs.spec
    everywhere = EVERY_ADDRESS[spec.exposure.ip_family]
    values = {
        "HOST": everywhere,
        "ADMIN_HOST": everywhere,
        "INTERNAL_HOST": everywhere,
        "PORT": str(PUBLIC_PORT),
        "ADMIN_PORT": str(ADMIN_PORT),
        "INTERNAL_PORT": str(INTERNAL_PORT),
        "CHAT_URL": chat_url(inputs),
        "LOG_FORMAT": "json",
        **external_settings(spec),
        **_auth(spec),
        **_limits(spec),
    }
    return {f"PARLEY_{name}": value for name, value in sorted(values.items())}


def external_settings(spec: ChatClusterSpec) -> dict[str, str]:
    """Settings that say where the engines are, without the prefix of environment variables."""
    kafka, cql, redis = spec.kafka, spec.cql, spec.redis
    values = {
        "LOG_URL": f"kafka{'+tls' if kafka.tls else ''}://{','.join(kafka.bootstrap_servers)}",
        "LOG_PREFIX": kafka.topics.prefix,
        "LOG_GENERATION": str(kafka.topics.generation),
        "LOG_REPLICATION": str(kafka.topics.replicas or sizing(spec).copies),
        "LOG_RETENTION": _retention(spec),
        "PARTITIONS": str(partitions(spec)),
        "STORE_URL": f"cql{'+tls' if cql.tls else ''}://{','.join(cql.contact_points)}:{cql.port}/{cql.keyspace}",
        "STORE_REPLICATION": replication(spec),
        "REGISTRY_URL": redis_url(spec),
        "REGISTRY_PREFIX": redis.prefix,
    }
    if kafka.authentication:
        values["LOG_MECHANISM"] = kafka.authentication.type.upper()
    if cql.local_datacenter:
        values["STORE_DATACENTER"] = cql.local_datacenter
    return values


def replication(spec: ChatClusterSpec) -> str:
    """Replication of the keyspace as the services write it."""
    wanted = spec.cql.replication
    if wanted is None:
        return str(sizing(spec).copies)
    if wanted.datacenters:
        return ",".join(f"{each.name}:{each.replicas}" for each in wanted.datacenters)
    return str(wanted.replicas)


def redis_url(spec: ChatClusterSpec) -> str:
    """The registry's URL as the services write it."""
    redis = spec.redis
    scheme = "rediss" if redis.tls else "redis"
    database = f"/{redis.database}" if redis.database else ""
    if redis.sentinels:
        hosts = ",".join(redis.sentinels.addresses)
        return f"{scheme}+sentinel://{hosts}/{redis.sentinels.master_name}{database}"
    if redis.nodes:
        return f"{scheme}+cluster://{','.join(redis.nodes)}"
    return f"{scheme}://{redis.address}{database}"


def _retention(spec: ChatClusterSpec) -> str:
    kept = spec.retention
    hours = {
        "ingress": kept.ingress_hours,
        "timeline": kept.timeline_hours,
        "receipts": kept.receipts_hours,
        "deadletter": kept.deadletter_hours,
    }
    return ",".join(f"{topic}:{value * HOUR_MS}" for topic, value in hours.items())


def _auth(spec: ChatClusterSpec) -> dict[str, str]:
    auth = spec.auth
    values = {"JWT_LEEWAY_MS": str(auth.leeway_seconds * 1000)}
    if auth.jwks_url:
        values["JWKS_URL"] = auth.jwks_url
    if auth.issuer:
        values["JWT_ISSUER"] = auth.issuer
    if auth.audience:
        values["JWT_AUDIENCE"] = auth.audience
    if auth.allowed_origins:
        values["ALLOWED_ORIGINS"] = ",".join(auth.allowed_origins)
    return values


def _limits(spec: ChatClusterSpec) -> dict[str, str]:
    limits = spec.limits
    return {
        "FRAME_BYTES": str(limits.frame_bytes),
        "TEXT_BYTES": str(limits.text_bytes),
        "GROUP_MEMBERS": str(limits.group_members),
        "WATCHED_USERS": str(limits.watched_users),
        "WINDOW_FRAMES": str(limits.window_frames),
        "WINDOW_BYTES": str(limits.window_bytes),
        "SENDS_PER_SECOND": str(limits.sends_per_second),
        "SENDS_BURST": str(limits.sends_burst),
        "HEARTBEAT_MS": str(limits.heartbeat_seconds * 1000),
    }


def secrets_of(inputs: Inputs, role: str) -> tuple[SecretFile | SecretValue, ...]:
    """What a role reads of Secrets: only what its engines need."""
    spec = inputs.spec
    found: list[SecretFile | SecretValue] = []
    for engine, (credentials, tls) in engine_secrets(spec).items():
        if engine in BACKENDS_OF_ROLES[role]:
            found += _engine(engine.upper(), credentials, tls)
    if role in {"gateway", "chat"}:
        found.append(SecretFile("INTERNAL_SECRET_FILE", internal_secret(inputs), INTERNAL_KEY))
        if spec.auth.jwt_secret:
            found.append(SecretFile("JWT_SECRET_FILE", spec.auth.jwt_secret.name, spec.auth.jwt_secret.key))
        if spec.auth.jwks_secret:
            found.append(SecretFile("JWKS_FILE", spec.auth.jwks_secret.name, spec.auth.jwks_secret.key))
    return tuple(found)


def engine_secrets(spec: ChatClusterSpec) -> dict[str, tuple[Credentials | None, Tls | None]]:
    """Credentials and certificates by engine, as the services name engines."""
    login = spec.kafka.authentication.credentials_secret if spec.kafka.authentication else None
    return {
        "log": (login, spec.kafka.tls),
        "store": (spec.cql.credentials_secret, spec.cql.tls),
        "registry": (spec.redis.credentials_secret, spec.redis.tls),
    }


def engine_secret_names(spec: ChatClusterSpec) -> tuple[str, ...]:
    """The Secrets that open the engines, each once."""
    found: set[str] = set()
    for credentials, tls in engine_secrets(spec).values():
        certificates = (tls.trusted_certificates, tls.client_certificate) if tls else ()
        found.update(each.name for each in (credentials, *certificates) if each)
    return tuple(sorted(found))


def _engine(engine: str, credentials: Credentials | None, tls: Tls | None) -> Iterator[SecretFile | SecretValue]:
    if credentials:
        yield SecretValue(f"{engine}_USER", credentials.name, credentials.username_key)
        yield SecretFile(f"{engine}_PASSWORD_FILE", credentials.name, credentials.password_key)
    if tls and tls.trusted_certificates:
        yield SecretFile(f"{engine}_CA_FILE", tls.trusted_certificates.name, tls.trusted_certificates.key)
    if tls and tls.client_certificate:
        yield SecretFile(f"{engine}_CERTIFICATE_FILE", tls.client_certificate.name, "tls.crt")
        yield SecretFile(f"{engine}_KEY_FILE", tls.client_certificate.name, "tls.key")


def referenced_secrets(inputs: Inputs) -> dict[str, frozenset[str]]:
    """Every Secret that pods read, with the keys that must be in it."""
    found: dict[str, set[str]] = {}
    for role in BACKENDS_OF_ROLES:
        for each in secrets_of(inputs, role):
            found.setdefault(each.secret, set()).add(each.key)
    return {name: frozenset(keys) for name, keys in sorted(found.items())}
