"""What a real API server answers means what the operator takes it for."""

import pytest

from e2e.cluster.provider import Info
from parley_operator.kube.access import Access
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.errors import Conflict, KubeError
from parley_operator.kube.resources import CONFIG_MAPS, SCALED_OBJECTS

pytestmark = pytest.mark.cluster


async def test_a_json_patch_of_what_has_changed_is_a_conflict(info: Info, namespace: str) -> None:
    body = {"metadata": {"name": "changed", "namespace": namespace}, "data": {"key": "value"}}
    async with KubernetesClient(await Access(info.kubeconfig).load()) as kube:
        read = await kube.create(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", **body})
        await kube.patch(CONFIG_MAPS, namespace, "changed", {"data": {"key": "another"}})
        guard = {"op": "test", "path": "/metadata/resourceVersion", "value": read["metadata"]["resourceVersion"]}
        with pytest.raises(Conflict):
            await kube.patch(CONFIG_MAPS, namespace, "changed", [guard, {"op": "remove", "path": "/data/key"}])
        with pytest.raises(Conflict):
            await kube.patch(CONFIG_MAPS, namespace, "changed", [{"op": "remove", "path": "/data/gone"}])
        with pytest.raises(KubeError) as refused:
            await kube.patch(CONFIG_MAPS, namespace, "changed", [{"op": "add", "path": "/data/a~1b", "value": "c"}])
        assert refused.value.permanent
        assert not isinstance(refused.value, Conflict)
        there = await kube.get(CONFIG_MAPS, namespace, "changed")
    assert there is not None
    assert there["data"] == {"key": "another"}


async def test_a_list_of_metadata_tells_of_the_same_objects_what_tells_them_apart(info: Info, namespace: str) -> None:
    async with KubernetesClient(await Access(info.kubeconfig).load()) as kube:
        for number in range(3):
            labels = {"group": "listed"} if number else {}
            metadata = {"name": f"listed{number}", "namespace": namespace, "labels": labels}
            await kube.create(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
        whole = await kube.list_all(CONFIG_MAPS, namespace, "group=listed")
        listed = await kube.list_metadata(CONFIG_MAPS, namespace, "group=listed")
        everything = await kube.list_metadata(CONFIG_MAPS, namespace)
    kept = ("name", "namespace", "uid", "resourceVersion", "labels")
    expected = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {key: each["metadata"][key] for key in kept}}
        for each in whole
    ]
    assert len(listed) == 2
    assert listed == expected
    assert "listed0" in {each["metadata"]["name"] for each in everything}


async def test_a_list_of_an_optional_kind_that_is_not_there_is_empty(info: Info, namespace: str) -> None:
    async with KubernetesClient(await Access(info.kubeconfig).load()) as kube:
        assert await kube.list_metadata(SCALED_OBJECTS, namespace) == []
        assert await kube.list_all(SCALED_OBJECTS, namespace) == []
