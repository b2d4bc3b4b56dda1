"""The external systems of ChatClusters: asked in the background, told in conditions and events."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from parley_operator.desired.digest import digest
from parley_operator.desired.inputs import Inputs
from parley_operator.desired.settings import engine_secrets, external_settings
from parley_operator.external.breaker import Breaker
from parley_operator.external.part import ExternalPart, Known
from parley_operator.external.provisioning import PARTS
from parley_operator.reconcile.events import EventRecorder
from parley_operator.reconcile.memory import Memory, Pass

_TITLES: Final = {"kafka": "Kafka", "cql": "the message store", "redis": "Redis"}
_CHANGED: Final = {"kafka": "TopicsChanged", "cql": "SchemaChanged"}


class Externals:
    """Kafka, message stores and Redis servers."""

    def __init__(self, events: EventRecorder, interval_s: float, deadline_s: float, threads: int = 8) -> None:
        """Look every `interval_s` seconds, for `deadline_s` at most; no more than `threads` at the same time."""
        self._events = events
        self._interval_s = interval_s
        self._deadline_s = deadline_s
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="external")
        self._limit = asyncio.Semaphore(threads)
        self._breakers: dict[str, Breaker] = {}

    def known(self, memory: Memory) -> dict[str, Known]:
        """What is known of each system."""
        return {name: memory.parts[name].known if name in memory.parts else Known() for name in PARTS}

    def want(self, inputs: Inputs, memory: Memory, work: Pass, changed: Callable[[], None]) -> None:
        """Have each system looked at when it is time to."""
        for name in PARTS:
            part = memory.parts.get(name)
            if part is None:
                part = memory.parts[name] = ExternalPart(
                    name, changed, self._interval_s, self._deadline_s, self._pool, self._limit
                )
            about = _about(name, inputs)
            breaker = self._breakers.setdefault(_endpoint(name, inputs), Breaker())
            if part.breaker is not breaker:
                part.breaker.leave(part)
                part.breaker = breaker
            work.again_after(part.want(about, inputs.spec, memory.secrets, act=not inputs.spec.paused))

    async def announce(self, cluster: Mapping[str, Any], memory: Memory) -> None:
        """Tell people what changed since the last time."""
        for name, part in memory.parts.items():
            known = part.known
            text = known.error or "; ".join(known.outcome.refused if known.outcome else ())
            before = memory.announced.get(name, "")
            if text and text != before:
                reason = "BackendUnreachable" if known.error else "ChangeRefused"
                await self._events.record(cluster, reason, f"{_TITLES[name]}: {text}", "Warning")
            elif before and not text:
                await self._events.record(cluster, "BackendReachable", f"{_TITLES[name]} is as wanted again")
            memory.announced[name] = text
            done = "; ".join(known.done)
            if done and memory.announced.get(f"{name}-done") != done:
                await self._events.record(cluster, _CHANGED[name], done)
                memory.announced[f"{name}-done"] = done

    async def forget(self, memory: Memory) -> None:
        """Ask no more."""
        for part in memory.parts.values():
            await part.stop()

    def close(self) -> None:
        """Begin nothing new; what blocks ends with the process."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _about(name: str, inputs: Inputs) -> str:
    """Tells one question from another: the settings of the system, and the Secrets that open it."""
    prefix = PARTS[name].upper()
    settings = {
        key: value
        for key, value in external_settings(inputs.spec).items()
        if key.startswith(prefix) or (key == "PARTITIONS" and name == "kafka")
    }
    return digest([settings, _opened_by(name, inputs)])


def _endpoint(name: str, inputs: Inputs) -> str:
    """Tells one server, and one way to log in there, from another."""
    prefix = PARTS[name].upper()
    settings = external_settings(inputs.spec)
    address = settings[f"{prefix}_URL"].rpartition("/")[0] if name == "cql" else settings[f"{prefix}_URL"]
    return digest([name, inputs.namespace, address, settings.get(f"{prefix}_MECHANISM"), _opened_by(name, inputs)])


def _opened_by(name: str, inputs: Inputs) -> dict[str, str]:
    """Digests of the Secrets that open a system."""
    credentials, tls = engine_secrets(inputs.spec)[PARTS[name]]
    trusted, shown = (tls.trusted_certificates, tls.client_certificate) if tls else (None, None)
    names = [each.name for each in (credentials, trusted, shown) if each is not None]
    return {secret: inputs.around.secrets.get(secret, "") for secret in names}
