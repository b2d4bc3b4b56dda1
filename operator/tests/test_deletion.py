"""A deletion removes what the spec asks for, and never waits for ever."""

import datetime as dt
from typing import Any

from inputs_example import MINIMAL
from memory_api_server import MemoryApiServer
from typing_extensions import override

from parley_operator.kube.errors import KubeError
from parley_operator.kube.port import Manifest
from parley_operator.kube.resources import SECRETS, Resource
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.deletion import FINALIZER, TIMEOUT_S, Deletion
from parley_operator.reconcile.events import EventRecorder
from parley_operator.reconcile.memory import Memory, Pass


class Closed(MemoryApiServer):
    """Lets nobody read Secrets."""

    def __init__(self) -> None:
        super().__init__()
        self.patches: list[Any] = []

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        assert resource is SECRETS
        raise KubeError(403, f"GET secrets/{name}", "forbidden")

    @override
    async def patch(self, resource: Resource, namespace: str, name: str, patch: list[Manifest] | Manifest) -> Manifest:
        self.patches.append(patch)
        return {}


def going(age_s: float) -> Manifest:
    """A ChatCluster whose deletion was asked for so long ago."""
    since = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_s)).isoformat()
    metadata = {"namespace": "talk", "name": "chat", "uid": "1", "resourceVersion": "7"}
    login = {"authentication": {"credentialsSecret": {"name": "kafka-login"}}}
    spec = {**MINIMAL, "kafka": {**MINIMAL["kafka"], **login}, "deletionPolicy": "Delete"}
    return {"metadata": {**metadata, "finalizers": [FINALIZER], "deletionTimestamp": since}, "spec": spec}


async def step(server: Closed, age_s: float) -> str:
    """What one pass of the deletion waits for."""
    deletion = Deletion(server, ChildCache(), EventRecorder(server, "test", lambda: 0.0), 1.0)
    return await deletion.run(going(age_s), Memory("1"), Pass(0.0, []))


async def test_a_secret_that_cannot_be_read_is_named_and_waited_for_until_the_timeout() -> None:
    server = Closed()
    assert "Secret kafka-login cannot be read: GET secrets/kafka-login: forbidden" in await step(server, 0)
    assert server.patches == []
    assert await step(server, TIMEOUT_S + 1) == ""
    (event,) = server.events
    assert event.startswith("Orphaned: ")
    assert "kafka-login" in event
    (change,) = server.patches
    assert change["metadata"]["finalizers"] == []
