"""All objects of a ChatCluster, from its inputs alone."""

from parley_operator.desired.autoscalers import autoscalers
from parley_operator.desired.configuration import config_map, service_account
from parley_operator.desired.disruption import disruption_budgets
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.monitoring import monitoring
from parley_operator.desired.network_policies import network_policies
from parley_operator.desired.routes import routes
from parley_operator.desired.services import services
from parley_operator.desired.workloads import workloads


def desired(inputs: Inputs) -> list[Manifest]:
    """The objects, in an order in which they can be applied; a function of its input only."""
    return [
        config_map(inputs),
        service_account(inputs),
        *network_policies(inputs),
        *services(inputs),
        *disruption_budgets(inputs),
        *workloads(inputs),
        *autoscalers(inputs),
        *routes(inputs),
        *monitoring(inputs),
    ]
