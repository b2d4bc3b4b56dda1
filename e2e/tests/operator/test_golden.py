"""A real API server takes every example and every object that becomes of it, and knows each of their fields."""

import asyncio

import pytest
from golden_files import CASES, cluster, manifests

from e2e.cluster.provider import Info
from parley_operator.kube.access import Access
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.errors import KubeError
from parley_operator.kube.resources import CHAT_CLUSTERS, Resource, resource_of

pytestmark = pytest.mark.cluster
STRICT = {"dryRun": "All", "fieldValidation": "Strict"}
TEST = "parley.test"


async def test_every_example_is_taken(info: Info, crd: str, optional_apis: set[str], namespace: str) -> None:
    assert crd
    limit = asyncio.Semaphore(16)

    async def create(kube: KubernetesClient, kind: Resource, body: dict[str, object], case: str) -> str:
        body = {**body, "metadata": {**body["metadata"], "namespace": namespace}}  # type: ignore[dict-item]
        async with limit:
            try:
                await kube._call("POST", kind.path(namespace), STRICT, body)
            except KubeError as error:
                return f"{case}: {error}"
        return ""

    async with KubernetesClient(await Access(info.kubeconfig).load()) as kube:
        wanted = [create(kube, CHAT_CLUSTERS, cluster(case), case) for case in CASES]
        for case in CASES:
            for body in manifests(case):
                kind = resource_of(body)
                if not kind.optional or kind.api_version in optional_apis:
                    wanted.append(create(kube, kind, body, case))
        complaints = [text for text in await asyncio.gather(*wanted) if text]
    assert not complaints, "\n".join(complaints)
