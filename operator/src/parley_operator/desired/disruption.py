"""PodDisruptionBudgets: how many pods may be away at once when nodes are emptied."""

from parley.contract import ROLES
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.names import metadata, selector
from parley_operator.model.component import DisruptionBudget


def disruption_budgets(inputs: Inputs) -> list[Manifest]:
    """One for each component that wants one."""
    return [_budget(inputs, role, asked) for role in ROLES if (asked := budget_of(inputs, role)).enabled]


def budget_of(inputs: Inputs, role: str) -> DisruptionBudget:
    """What a component wants."""
    return inputs.spec.component(role).pod_disruption_budget or DisruptionBudget()


def _budget(inputs: Inputs, role: str, asked: DisruptionBudget) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(inputs, role, role),
        "spec": {
            "maxUnavailable": asked.max_unavailable,
            # A pod that never became ready serves nobody, and must not keep a node from being emptied.
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": selector(inputs, role)},
        },
    }
