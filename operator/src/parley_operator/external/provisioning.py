"""Topics, keyspace and Redis, through the code that `parley topics` and `parley schema` use.

The only place where the operator knows more of the services than their contract.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from parley import provisioning
from parley.provisioning import ErrorCode, ParleyError, Settings
from parley_operator.desired.settings import engine_secrets, external_settings
from parley_operator.external.outcome import Outcome, Refusal, Unreachable
from parley_operator.model.chat_cluster import ChatClusterSpec

SecretData = Mapping[str, Mapping[str, bytes]]
"""Contents of Secrets by name and key."""

PARTS: Final = {"kafka": "log", "cql": "store", "redis": "registry"}


def look(part: str, spec: ChatClusterSpec, secrets: SecretData) -> Outcome:
    """What would have to be done in an external system. Blocking. Raises Unreachable."""
    plans: dict[str, Callable[[Any], provisioning.Report]] = {
        "kafka": provisioning.topics_plan,
        "cql": provisioning.schema_plan,
        "redis": provisioning.registry_check,
    }
    with _settings(part, spec, secrets) as settings, _translated():
        report = plans[part](settings)
    return Outcome(planned=tuple(report.steps), refused=tuple(map(_in_fields, report.refusals)))


def carry_out(part: str, spec: ChatClusterSpec, secrets: SecretData) -> tuple[str, ...]:
    """Do what `look` said; nothing when that was refused. Blocking. Raises Unreachable or Refusal."""
    steps = {"kafka": provisioning.topics_apply, "cql": provisioning.schema_apply}
    with _settings(part, spec, secrets) as settings, _translated():
        return tuple(steps[part](settings).steps)


def destroy(part: str, spec: ChatClusterSpec, secrets: SecretData) -> tuple[str, ...]:
    """Delete the topics or the keyspace with everything in them. Blocking. Raises Unreachable."""
    steps = {"kafka": provisioning.topics_delete, "cql": provisioning.schema_drop}
    with _settings(part, spec, secrets) as settings, _translated():
        return tuple(steps[part](settings).steps)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ParleyError as error:
        if error.code is ErrorCode.FORBIDDEN:
            raise Refusal(_in_fields(str(error))) from None
        raise Unreachable(str(error)) from None


_FIELDS: Final = {
    "PARLEY_PARTITIONS": "spec.kafka.topics.partitions",
    "PARLEY_LOG_REPLICATION": "spec.kafka.topics.replicas",
    "PARLEY_LOG_GENERATION": "spec.kafka.topics.generation",
    "PARLEY_STORE_REPLICATION": "spec.cql.replication",
}


def _in_fields(text: str) -> str:
    """The services name their settings; people here know the fields of the spec."""
    for setting, name in _FIELDS.items():
        text = text.replace(setting, name)
    return text


@contextlib.contextmanager
def _settings(part: str, spec: ChatClusterSpec, secrets: SecretData) -> Iterator[Any]:
    """The services' settings for one system, with certificates in files for as long as the block runs."""
    engine = PARTS[part]
    values: dict[str, Any] = {name.lower(): value for name, value in external_settings(spec).items()}
    credentials, tls = engine_secrets(spec)[engine]
    if credentials:
        values[f"{engine}_user"] = _text(secrets, credentials.name, credentials.username_key)
        values[f"{engine}_password"] = _text(secrets, credentials.name, credentials.password_key)
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        if tls and tls.trusted_certificates:
            trusted = tls.trusted_certificates
            values[f"{engine}_ca_file"] = _file(folder, "ca", _bytes(secrets, trusted.name, trusted.key))
        if tls and tls.client_certificate:
            name = tls.client_certificate.name
            values[f"{engine}_certificate_file"] = _file(folder, "crt", _bytes(secrets, name, "tls.crt"))
            values[f"{engine}_key_file"] = _file(folder, "key", _bytes(secrets, name, "tls.key"))
        yield Settings(node_name="parley-operator", **values)


def _bytes(secrets: SecretData, name: str, key: str) -> bytes:
    try:
        return secrets[name][key]
    except KeyError:
        raise Unreachable(f"Secret {name} has no key {key}: create it") from None


def _text(secrets: SecretData, name: str, key: str) -> str:
    return _bytes(secrets, name, key).decode(errors="replace").strip()


def _file(folder: str, name: str, content: bytes) -> Path:
    path = Path(folder) / name
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
