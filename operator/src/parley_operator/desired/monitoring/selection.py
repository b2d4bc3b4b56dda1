"""Which series belong to a ChatCluster, and over which times they can be compared."""

import math
from dataclasses import dataclass
from typing import Final

from parley.contract import ROLES
from parley_operator.desired.inputs import Inputs
from parley_operator.desired.pod import HEADROOM
from parley_operator.desired.sizing import bounds, partitions, target_connections
from parley_operator.desired.workloads import GATEWAY, WORKERS

_OF_STATEFUL_SET: Final = "[0-9]+"
_OF_DEPLOYMENT: Final = "[^-]+(-[a-z0-9]{5})?"
"""Hash of the template and five characters; Kubernetes leaves out the hyphen when a name becomes too long."""
_SHORTEST_MINUTES: Final = 5
_SAMPLES: Final = 4
"""A rate over fewer samples breaks when one of them is missing."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One ChatCluster as Prometheus sees it.

    `short` and `long` are windows that hold enough samples, however seldom metrics are read. `target` is how many
    connections a gateway should have, `overfull` how many its drain is computed for, `usable` how many all gateways
    carry when one of them is away. `partitions` is that of each ordered
    topic, `running` the components that are meant to have pods. `certificate` is the Secret of a certificate that
    cert-manager renews, if there is one.
    """

    namespace: str
    name: str
    interval: str
    short: str
    long: str
    target: int
    overfull: int
    usable: int
    partitions: int
    running: tuple[str, ...]
    certificate: str

    def pods(self, *roles: str) -> str:
        """Matchers of the pods of these components, or of all; never those of a ChatCluster with a longer name."""
        chosen = roles or ROLES
        workers = [role for role in WORKERS if role in chosen]
        named = [f"{GATEWAY}-{_OF_STATEFUL_SET}"] if GATEWAY in chosen else []
        if workers:
            among = workers[0] if len(workers) == 1 else f"({'|'.join(workers)})"
            named.append(f"{among}-{_OF_DEPLOYMENT}")
        pattern = named[0] if len(named) == 1 else f"({'|'.join(named)})"
        return f'namespace="{self.namespace}",pod=~"{self.name}-{pattern}"'

    @property
    def shown(self) -> str:
        """How people call it."""
        return f"ChatCluster {self.namespace}/{self.name}"


def selection(inputs: Inputs) -> Selection:
    """The series of this ChatCluster."""
    spec = inputs.spec
    seconds = spec.monitoring.interval_seconds
    minutes = max(_SHORTEST_MINUTES, math.ceil(_SAMPLES * seconds / 60))
    target = target_connections(spec.component(GATEWAY))
    _, most = bounds(spec, GATEWAY)
    ingress = spec.exposure.ingress
    return Selection(
        namespace=inputs.namespace,
        name=inputs.name,
        interval=f"{seconds}s",
        short=f"{minutes}m",
        long=f"{3 * minutes}m",
        target=target,
        overfull=int(target * HEADROOM),
        usable=target * max(1, most - 1),
        partitions=partitions(spec),
        certificate=(ingress.tls_secret or "") if ingress and ingress.cert_manager_issuer else "",
        running=tuple(role for role in ROLES if bounds(spec, role)[0] > 0),
    )
