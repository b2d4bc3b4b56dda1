"""Every rule of the ChatCluster's definition, at a real API server: what it refuses, and what it lets through."""

import asyncio
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from rule_example import Example, Manifest
from rule_examples import EXAMPLES

from e2e.cluster.provider import Info
from parley_operator.kube.access import Access
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.errors import KubeError
from parley_operator.kube.resources import CHAT_CLUSTERS, NAMESPACES

pytestmark = pytest.mark.cluster

AT_ONCE = 16
INVALID = 422
MANAGER = "rules"
TAKEN = ""
"""The answer to an object that is accepted."""

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the API server says to the objects of one example."""

    accepted: list[str]
    refused: list[str]


class Questions:
    """Asks the API server in a namespace; what it accepts is not kept, but for objects that are changed then."""

    def __init__(self, client: KubernetesClient, namespace: str) -> None:
        """The namespace must exist."""
        self._client = client
        self._namespace = namespace
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def ask(self, number: int, example: Example) -> Answers:
        """Ask about all objects of one example; `number` tells what is stored for it from what others store."""
        async with self._turns:
            if example.before is None:
                return Answers(
                    [await self._create(each) for each in example.accepted_objects],
                    [await self._create(each) for each in example.refused_objects],
                )
            await self._client.apply(CHAT_CLUSTERS, self._stored(number, example.before), manager=MANAGER)
            return Answers(
                [await self._change(self._stored(number, each)) for each in example.accepted_objects],
                [await self._change(self._stored(number, each)) for each in example.refused_objects],
            )

    def _stored(self, number: int, manifest: Manifest) -> Manifest:
        """An object under a name of its own; operators of the cluster leave it alone, since it is paused."""
        metadata = {"name": f"stored-{number}", "namespace": self._namespace}
        return manifest | {"metadata": metadata, "spec": manifest["spec"] | {"paused": True}}

    async def _create(self, manifest: Manifest) -> str:
        query = {"dryRun": "All", "fieldValidation": "Strict"}
        return await self._answer("POST", CHAT_CLUSTERS.path(self._namespace), query, manifest)

    async def _change(self, manifest: Manifest) -> str:
        query = {"dryRun": "All", "fieldManager": MANAGER}
        path = CHAT_CLUSTERS.path(self._namespace, manifest["metadata"]["name"])
        return await self._answer("PATCH", path, query, manifest, "application/apply-patch+yaml")

    async def _answer(
        self, method: str, path: str, query: dict[str, str], body: Manifest, content_type: str = "application/json"
    ) -> str:
        try:
            await self._client._call(method, path, query, body, content_type)
        except KubeError as error:
            if error.status != INVALID:
                raise
            return error.message
        return TAKEN


async def answers_of(info: Info) -> dict[str, Answers]:
    """The answers to all examples, by the names of these."""
    namespace = f"rules-{uuid.uuid4().hex[:8]}"
    metadata = {"name": namespace}
    async with KubernetesClient(await Access(info.kubeconfig, info.context).load()) as client:
        await client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        try:
            questions = Questions(client, namespace)
            answers = await asyncio.gather(*(questions.ask(*each) for each in enumerate(EXAMPLES)))
        finally:
            await client._call("DELETE", NAMESPACES.path(None, namespace))
    return {example.name: each for example, each in zip(EXAMPLES, answers, strict=True)}


@pytest.fixture(scope="module")
def answers(info: Info, crd: str) -> Mapping[str, Answers]:
    """All answers, asked for at once."""
    assert crd
    return asyncio.run(answers_of(info))


@each_example
def test_what_a_rule_allows_is_accepted(example: Example, answers: Mapping[str, Answers]) -> None:
    assert set(answers[example.name].accepted) == {TAKEN}


@each_example
def test_what_a_rule_forbids_is_refused_with_its_message(example: Example, answers: Mapping[str, Answers]) -> None:
    for told in answers[example.name].refused:
        assert example.told in told


@each_example
def test_no_other_rule_is_needed_for_the_refusal(example: Example, answers: Mapping[str, Answers]) -> None:
    for told in answers[example.name].refused:
        assert "is invalid: [" not in told


@each_example
def test_the_refusal_points_at_the_field(example: Example, answers: Mapping[str, Answers]) -> None:
    for told in answers[example.name].refused:
        assert f": {example.path}: " in re.sub(r"\[(\w+)\]", r".\1", told)
