"""What the chart's hooks do: `apply` after it is installed, `leave` before it is uninstalled."""

import asyncio
import time
from typing import Any

import pytest
from memory_api_server import MemoryApiServer
from test_cli_chat_clusters import chat_cluster
from typing_extensions import override

from parley_operator.cli.compare.documents import BadInputError
from parley_operator.cli.failures import CommandError
from parley_operator.cli.install.applying import applied
from parley_operator.cli.install.leaving import leave
from parley_operator.kube.errors import Conflict, KubeError, NotFound
from parley_operator.kube.port import MANAGER, Manifest
from parley_operator.kube.resources import Resource
from parley_operator.reconcile.deletion import FINALIZER
from parley_operator.settings import OperatorSettings, load_settings

SETTINGS = load_settings(namespace="parley-system")


class ApiServer(MemoryApiServer):
    """One that refuses the first calls of `apply`, and knows ChatClusters as they are given."""

    def __init__(self, *refusals: KubeError, clusters: tuple[Manifest, ...] = (), holder: str = "") -> None:
        super().__init__()
        self.refusals = list(refusals)
        self.clusters = list(clusters)
        self.holder = holder
        self.said: list[str] = []
        self.known = True

    @override
    async def apply(
        self, resource: Resource, manifest: Manifest, *, manager: str = MANAGER, subresource: str = ""
    ) -> Manifest:
        if self.refusals:
            raise self.refusals.pop(0)
        self.said.append(f"apply {resource.kind}/{subresource} {manifest['metadata']['name']} {manifest['spec']}")
        if subresource == "scale":
            self.holder = ""
        return manifest

    @override
    async def served(self, api_version: str) -> bool:
        return self.known

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        assert (resource.kind, namespace, name) == ("Lease", "parley-system", "parley-operator")
        return {"spec": {"holderIdentity": self.holder}}

    @override
    async def list_all(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        return [each for each in self.clusters if namespace in {None, each["metadata"]["namespace"]}]

    @override
    async def patch(self, resource: Resource, namespace: str, name: str, patch: list[Manifest] | Manifest) -> Manifest:
        assert isinstance(patch, dict)
        metadata = next(each["metadata"] for each in self.clusters if each["metadata"]["name"] == name)
        if patch["metadata"]["resourceVersion"] != metadata["resourceVersion"]:
            raise Conflict(409, "PATCH", "it is another version")
        metadata["finalizers"] = patch["metadata"]["finalizers"]
        self.said.append(f"finalizers of {name}: {metadata['finalizers']}")
        return {}


def cluster(name: str, *finalizers: str, namespace: str = "talk", **more: Any) -> Manifest:
    made = chat_cluster(name, namespace)
    made["metadata"] |= {"resourceVersion": "1", "finalizers": list(finalizers), **more}
    return made


def test_a_definition_that_comes_a_moment_later_is_waited_for() -> None:
    server = ApiServer(NotFound(404, "PATCH", "not found"), KubeError(0, "PATCH", "no answer"))
    asyncio.run(applied(server, chat_cluster(), 60))
    assert server.said[0].startswith("apply ChatCluster/ chat ")


def test_a_definition_that_never_comes_is_said_with_the_way_out() -> None:
    server = ApiServer(NotFound(404, "PATCH", "not found"))
    server.known = False
    with pytest.raises(CommandError, match=r"no definition of ChatCluster: .*crds.install"):
        asyncio.run(applied(server, chat_cluster(), 0))


def test_a_refused_chat_cluster_is_said_at_once_in_the_servers_words() -> None:
    server = ApiServer(KubeError(422, "PATCH", "size may not be tiny"))
    with pytest.raises(BadInputError, match="refuses ChatCluster chat: size may not be tiny"):
        asyncio.run(applied(server, chat_cluster(), 60))


def left(server: ApiServer, settings: OperatorSettings = SETTINGS, seconds: float = 100) -> None:
    asyncio.run(leave(server, settings, "parley-operator", time.monotonic() + seconds))


def test_the_operator_is_stopped_before_finalizers_are_removed_and_others_stay() -> None:
    clusters = (cluster("one", FINALIZER), cluster("two", "else/where", FINALIZER), cluster("three"))
    server = ApiServer(clusters=clusters, holder="pod")
    left(server)
    assert server.said == [
        "apply Deployment/scale parley-operator {'replicas': 0}",
        "finalizers of one: []",
        "finalizers of two: ['else/where']",
    ]


def test_a_deletion_under_way_comes_to_its_end_first() -> None:
    server = ApiServer(clusters=(cluster("one", FINALIZER, deletionTimestamp="2026-01-01T00:00:00Z"),))

    async def both() -> None:
        leaving = asyncio.create_task(leave(server, SETTINGS, "parley-operator", time.monotonic() + 100))
        await asyncio.sleep(0.1)
        assert server.said == []
        server.clusters = []
        await leaving

    asyncio.run(both())
    assert server.said == ["apply Deployment/scale parley-operator {'replicas': 0}"]


def test_a_deletion_that_does_not_end_is_bounded_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    server = ApiServer(clusters=(cluster("one", FINALIZER, deletionTimestamp="2026-01-01T00:00:00Z"),))
    left(server, seconds=0)
    assert server.said[-1] == "finalizers of one: []"
    assert "ChatCluster talk/one is still being deleted" in capsys.readouterr().err


def test_only_watched_namespaces_are_touched() -> None:
    server = ApiServer(clusters=(cluster("one", FINALIZER), cluster("two", FINALIZER, namespace="other")))
    left(server, load_settings(namespace="parley-system", watch_namespaces="talk"))
    assert server.said[1:] == ["finalizers of one: []"]


def test_what_fails_is_told_and_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    server = ApiServer(KubeError(403, "PATCH", "forbidden"), clusters=(cluster("one", FINALIZER),))
    left(server)
    assert server.said == ["finalizers of one: []"]
    assert "Deployment parley-operator was not stopped: PATCH: forbidden (403)" in capsys.readouterr().err
