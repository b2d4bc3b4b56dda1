"""An update of the operator waits for the next spec before it touches pods; a changed Secret does not wait."""

import asyncio
from copy import deepcopy
from typing import Any

from inputs_example import inputs_of, spec_of

from parley_operator.desired.desired import desired
from parley_operator.desired.names import SECRETS_CHECKSUM, TEMPLATE_HASH
from parley_operator.reconcile.child_state import child_state
from parley_operator.reconcile.plan import reference
from parley_operator.reconcile.updates import GENERATION, OPERATOR, held_back

Manifest = dict[str, Any]


class Stored:
    """Objects that a cluster has."""

    def __init__(self, objects: list[Manifest]) -> None:
        self.objects = {reference(each): each for each in objects}

    async def get(self, resource: Any, _: str, name: str) -> Manifest | None:
        return self.objects.get((resource.kind, name))


def worked(generation: int, version: str, live: list[Manifest], **spec: Any) -> tuple[list[Manifest], list[str]]:
    """What is applied for a generation of the spec by a version of the operator."""
    given = inputs_of(spec_of(**spec))
    seen = {reference(each): child_state(each) for each in live}
    port: Any = Stored(live)
    return asyncio.run(held_back(port, given, generation, version, desired(given), seen))


def templates(objects: list[Manifest]) -> dict[str, Manifest]:
    """Templates of pods by workload."""
    return {
        each["metadata"]["name"]: each["spec"]["template"] for each in objects if "template" in each.get("spec", {})
    }


def ran_before(generation: int = 1, version: str = "1") -> list[Manifest]:
    """What an operator of an earlier version made: other pods of the same spec."""
    made, _ = worked(generation, version, [])
    old = deepcopy(made)
    for each in old:
        if "template" in each.get("spec", {}):
            each["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 999
            each["metadata"]["annotations"][TEMPLATE_HASH] = "older"
    return old


def test_another_version_of_the_operator_leaves_pods_alone_and_says_who_waits() -> None:
    before = ran_before()
    made, waiting = worked(1, "2", before)
    assert len(waiting) == 6
    for name, template in templates(made).items():
        assert template["spec"] == templates(before)[name]["spec"]
    again = [each for each in made if "template" in each.get("spec", {})]
    assert {each["metadata"]["annotations"][OPERATOR] for each in again} == {"1"}


def test_the_next_generation_of_the_spec_brings_the_update() -> None:
    made, waiting = worked(2, "2", ran_before())
    assert not waiting
    assert all(template["spec"]["terminationGracePeriodSeconds"] != 999 for template in templates(made).values())
    assert {each["metadata"]["annotations"][GENERATION] for each in made if "template" in each.get("spec", {})} == {"2"}


def test_with_update_policy_auto_nothing_waits() -> None:
    _, waiting = worked(1, "2", ran_before(), updatePolicy="Auto")
    assert not waiting


def test_the_same_operator_may_change_pods_of_the_same_generation() -> None:
    _, waiting = worked(1, "1", ran_before())
    assert not waiting


def test_a_changed_secret_reaches_pods_that_wait() -> None:
    before = ran_before()
    for each in before:
        if "template" in each.get("spec", {}):
            each["spec"]["template"]["metadata"]["annotations"][SECRETS_CHECKSUM] = "an older password"
    made, waiting = worked(1, "2", before)
    assert waiting
    fresh, _ = worked(1, "2", [])
    for name, template in templates(made).items():
        wanted = templates(fresh)[name]["metadata"]["annotations"][SECRETS_CHECKSUM]
        assert template["metadata"]["annotations"][SECRETS_CHECKSUM] == wanted
