"""ChatClusters are found, or it is said clearly why not; with the cluster in memory that other tests use too."""

import asyncio
from collections.abc import Collection, Iterable
from copy import deepcopy
from typing import Any

import pytest
from inputs_example import MINIMAL
from typing_extensions import override

from parley_operator.cli.cluster_client import Cluster
from parley_operator.cli.failures import CommandError, advice
from parley_operator.cli.show.chat_clusters import read_cluster, read_clusters
from parley_operator.kube.errors import KubeError, NotFound
from parley_operator.kube.resources import Resource
from parley_operator.model.chat_cluster import API_VERSION, KIND

Manifest = dict[str, Any]


def chat_cluster(name: str = "chat", namespace: str = "talk", **more: Any) -> Manifest:
    metadata = {"name": name, "namespace": namespace, "uid": f"uid-{name}", "generation": 1}
    spec = deepcopy(dict(MINIMAL))
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec, **more}


class ClusterInMemory(Cluster):
    """Objects that do not change. `forbidden` names kinds that may not be read; `asked` what was asked for."""

    def __init__(
        self,
        objects: Iterable[Manifest] = (),
        forbidden: Collection[str] = (),
        apis: Collection[str] = (API_VERSION,),
        refusal: str = "",
    ) -> None:
        self.objects = {(each["kind"], each["metadata"]["name"]): each for each in objects}
        self.forbidden, self.apis, self.refusal = forbidden, apis, refusal
        self.asked: set[str] = set()
        self.checks: list[bool] = []
        self.logs: dict[tuple[str, str, bool], str] = {}

    def _allow(self, resource: Resource) -> None:
        self.asked.add(resource.kind)
        if resource.kind in self.forbidden:
            raise KubeError(403, f"GET {resource.plural}", f"{resource.plural} is forbidden")

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        self._allow(resource)
        return deepcopy(self.objects.get((resource.kind, name)))

    @override
    async def list_all(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        self._allow(resource)
        if "/" in resource.api_version and resource.api_version not in self.apis and resource.kind == KIND:
            raise NotFound(404, f"GET {resource.plural}", "404 page not found")
        wanted = dict(pair.split("=") for pair in labels.split(",") if pair)
        return [
            deepcopy(body)
            for (kind, _), body in self.objects.items()
            if kind == resource.kind
            and namespace in {None, body["metadata"]["namespace"]}
            and wanted.items() <= (body["metadata"].get("labels") or {}).items()
        ]

    @override
    async def served(self, api_version: str) -> bool:
        return api_version in self.apis

    @override
    async def applied(self, resource: Resource, manifest: Manifest) -> Manifest:
        live = self.objects.get((resource.kind, manifest["metadata"]["name"]), {})
        return laid_over(deepcopy(live), manifest)

    @override
    async def checked(self, chat_cluster: Manifest, *, there: bool) -> Manifest:
        self.checks.append(there)
        if self.refusal:
            raise KubeError(422, "PATCH", self.refusal)
        live = self.objects.get((KIND, chat_cluster["metadata"]["name"]))
        if live is None:
            return chat_cluster
        changes = laid_over(deepcopy(live["spec"]), chat_cluster["spec"]) != live["spec"]
        metadata = {**live["metadata"], "generation": live["metadata"].get("generation", 1) + changes}
        return {**chat_cluster, "metadata": metadata}

    @override
    async def log(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool = False) -> str:
        text = self.logs.get((pod, container, previous))
        if text is None:
            raise KubeError(400, "GET", f"container {container} is waiting to start")
        return text

    @override
    async def metrics(self, namespace: str, pod: str) -> str:
        return "parley_connections 312.0\n"

    @override
    async def server_version(self) -> Manifest:
        return {"gitVersion": "v1.36.0"}


def laid_over(body: Manifest, change: Manifest) -> Manifest:
    """As an apply does it, but for lists."""
    for key, value in change.items():
        body[key] = laid_over(body.get(key, {}), value) if isinstance(value, dict) else deepcopy(value)
    return body


def test_a_chat_cluster_is_found() -> None:
    found = asyncio.run(read_cluster(ClusterInMemory([chat_cluster()]), "talk", "chat"))
    assert found["metadata"]["name"] == "chat"


def test_a_wrong_name_is_said_together_with_the_way_to_the_right_one() -> None:
    with pytest.raises(CommandError, match=r"no ChatCluster talk in namespace talk: `kubectl get chatclusters -A`"):
        asyncio.run(read_cluster(ClusterInMemory([chat_cluster()]), "talk", "talk"))


def test_a_missing_definition_is_said_together_with_how_to_install_it() -> None:
    bare = ClusterInMemory(apis=())
    for question in (read_cluster(bare, "talk", "chat"), read_clusters(bare, None)):
        with pytest.raises(CommandError, match=r"parley-operator crd \| kubectl apply --server-side"):
            asyncio.run(question)


def test_an_empty_namespace_is_said() -> None:
    with pytest.raises(CommandError, match="no ChatCluster in namespace other: choose another with -n"):
        asyncio.run(read_clusters(ClusterInMemory([chat_cluster()]), "other"))


@pytest.mark.parametrize(
    ("status", "begins"),
    [
        (0, "no answer: check that the cluster runs"),
        (401, "the API server does not accept these credentials: log in again"),
        (403, "not allowed: no answer: ask the owner"),
        (500, "the API server refuses GET /x: no answer"),
    ],
)
def test_each_failure_says_what_to_do(status: int, begins: str) -> None:
    assert advice(KubeError(status, "GET /x", "no answer")).startswith(begins)
