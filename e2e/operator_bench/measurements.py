"""What is measured, of a ChatCluster, of many, and of an operator that has nothing to do."""

import asyncio
import datetime as dt
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from e2e.cluster.kubectl import Kubectl
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.resources import CHAT_CLUSTERS, CHILDREN

LOOK_S = 0.02
CHILDREN_OF_ONE = 25
WRITING = frozenset({"create", "update", "patch", "delete"})


def chat_cluster(namespace: str, name: str) -> dict[str, Any]:
    """A ChatCluster whose servers nobody reaches."""
    return {
        "apiVersion": CHAT_CLUSTERS.api_version,
        "kind": CHAT_CLUSTERS.kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "size": "development",
            "kafka": {"bootstrapServers": ["127.0.0.1:1"], "topics": {"prefix": f"{name}."}},
            "cql": {"contactPoints": ["127.0.0.1"], "port": 1},
            "redis": {"address": "127.0.0.1:1"},
            "auth": {"jwtSecret": {"name": "tokens", "key": "jwt"}},
        },
    }


async def until(what: str, true: Callable[[], Awaitable[bool]], patience_s: float) -> float:
    """Seconds until something is so."""
    begun = time.monotonic()
    while not await true():
        if time.monotonic() - begun > patience_s:
            raise TimeoutError(f"never: {what}")
        await asyncio.sleep(LOOK_S)
    return time.monotonic() - begun


async def first_status(kube: KubernetesClient, namespace: str, count: int) -> list[float]:
    """Milliseconds from the answer to `create` until there is a status, one after the other."""
    found = []
    for number in range(count):
        name = f"first{number}"
        await kube.create(CHAT_CLUSTERS, chat_cluster(namespace, name))

        async def told(name: str = name) -> bool:
            return bool(((await kube.get(CHAT_CLUSTERS, namespace, name)) or {}).get("status"))

        found.append(1000 * await until("a status", told, 30))
    return found


async def children_of_one(kube: KubernetesClient, namespace: str) -> float:
    """Seconds from `create` until every object of a ChatCluster is there."""
    await kube.create(CHAT_CLUSTERS, chat_cluster(namespace, "one"))

    async def complete() -> bool:
        kinds = [kind for kind in CHILDREN if not kind.optional]
        labels = "app.kubernetes.io/instance=one"
        lists = await asyncio.gather(*(kube.list_all(kind, namespace, labels) for kind in kinds))
        return sum(len(each) for each in lists) >= CHILDREN_OF_ONE

    return await until("every object", complete, 60)


async def many(kube: KubernetesClient, namespace: str, count: int) -> float:
    """Seconds from the first `create` of many until each has all its objects and says so."""
    limit = asyncio.Semaphore(16)

    async def make(number: int) -> None:
        async with limit:
            await kube.create(CHAT_CLUSTERS, chat_cluster(namespace, f"many{number}"))

    begun = time.monotonic()
    await asyncio.gather(*(make(number) for number in range(count)))

    async def converged() -> bool:
        await asyncio.sleep(0.5)
        found = [each for each in await kube.list_all(CHAT_CLUSTERS, namespace) if "many" in each["metadata"]["name"]]
        return sum(1 for each in found if _said(each)) >= count

    await until("all converged", converged, 600)
    return time.monotonic() - begun


def _said(resource: dict[str, Any]) -> bool:
    """A look at everything was reported: each external system was found wanting."""
    conditions = {each["type"]: each["status"] for each in resource.get("status", {}).get("conditions", [])}
    return all(conditions.get(kind) == "False" for kind in ("KafkaReady", "SchemaReady", "RedisReady"))


def writes_since(audit_log: str, since: dt.datetime) -> list[str]:
    """What operators wrote since then, but for Leases."""
    found = []
    for line in Path(audit_log).read_text().splitlines():
        entry = json.loads(line)
        about = entry.get("objectRef") or {}
        if (
            entry["stage"] == "ResponseComplete"
            and entry["userAgent"].startswith("parley-operator")
            and entry["verb"] in WRITING
            and about.get("resource") != "leases"
            and dt.datetime.fromisoformat(entry["requestReceivedTimestamp"]) > since
        ):
            found.append(f"{entry['verb']} {about.get('resource')}/{about.get('name')}")
    return found


def served(kubectl: Kubectl) -> Callable[[], Awaitable[bool]]:
    """Whether ChatClusters can be asked for."""

    async def answers() -> bool:
        done = await asyncio.to_thread(kubectl.attempt, "get", "chatclusters", "-A")
        return done.returncode == 0

    return answers
