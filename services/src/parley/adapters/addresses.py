"""From settings to how each distributed engine is reached; a setting that cannot be right is named."""

# ruff: noqa: PLC0415 - a driver is loaded only by processes that use it
import re
from typing import TYPE_CHECKING, Final

from parley.contract import ENVIRONMENT_PREFIX, topic_partitions
from parley.domain.errors import ErrorCode, ParleyError
from parley.runtime.credentials import Credentials
from parley.runtime.settings import Settings

if TYPE_CHECKING:
    from parley.adapters.cql.access import CqlAccess
    from parley.adapters.kafka.access import KafkaAccess
    from parley.adapters.redis.connection import RedisAccess

_KAFKA: Final = re.compile(r"kafka(\+tls)?://([^/,:]+:\d+(?:,[^/,:]+:\d+)*)/?")
_CQL: Final = re.compile(r"cql(\+tls)?://([^/,:]+(?:,[^/,:]+)*)(?::(\d+))?/([A-Za-z][A-Za-z0-9_]{0,47})")
_CQL_PORT: Final = 9042


def kafka_access(settings: Settings) -> "KafkaAccess":
    """Brokers of the event log."""
    from parley.adapters.kafka.access import KafkaAccess

    found = _KAFKA.fullmatch(settings.log_url)
    if found is None:
        raise _malformed("log_url", settings.log_url, "kafka://HOST:PORT,HOST:PORT or kafka+tls://…")
    return KafkaAccess(
        brokers=found[2],
        tls=found[1] is not None,
        ca_file=settings.log_ca_file,
        certificate_file=settings.log_certificate_file,
        key_file=settings.log_key_file,
        mechanism=settings.log_mechanism,
        credentials=Credentials(settings.log_user, settings.log_password, settings.log_password_file),
        prefix=settings.log_prefix,
        generation=settings.log_generation,
        member=settings.node_name,
        partitions=topic_partitions(settings.partitions),
    )


def cql_access(settings: Settings) -> "CqlAccess":
    """Nodes of the message store."""
    from parley.adapters.cql.access import CqlAccess

    found = _CQL.fullmatch(settings.store_url)
    if found is None:
        raise _malformed("store_url", settings.store_url, "cql://HOST,HOST:PORT/KEYSPACE or cql+tls://…")
    return CqlAccess(
        contact_points=tuple(found[2].split(",")),
        port=int(found[3] or _CQL_PORT),
        keyspace=found[4].lower(),
        datacenter=settings.store_datacenter or None,
        tls=found[1] is not None,
        ca_file=settings.store_ca_file,
        certificate_file=settings.store_certificate_file,
        key_file=settings.store_key_file,
        credentials=Credentials(settings.store_user, settings.store_password, settings.store_password_file),
    )


def redis_access(settings: Settings) -> "RedisAccess":
    """Servers of the registry and the channels."""
    from parley.adapters.redis.connection import RedisAccess

    credentials = Credentials(settings.registry_user, settings.registry_password, settings.registry_password_file)
    return RedisAccess(
        url=settings.registry_url,
        credentials=credentials.current,
        tls_ca=settings.registry_ca_file,
        tls_cert=settings.registry_certificate_file,
        tls_key=settings.registry_key_file,
        prefix=settings.registry_prefix,
        timeout_factor=settings.registry_timeout_factor,
    )


def _malformed(field: str, url: str, allowed: str) -> ParleyError:
    name = f"{ENVIRONMENT_PREFIX}{field.upper()}"
    return ParleyError(ErrorCode.INVALID_FIELD, f"{name} is {url!r}; allowed is {allowed}", field=field)
