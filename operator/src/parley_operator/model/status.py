"""`status`: what the operator knows of a ChatCluster."""

from typing import Annotated, Literal

from pydantic import Field

from parley_operator.model.part import Part, by_key, ordered

Phase = Literal["Pending", "Provisioning", "Ready", "Updating", "Degraded", "Paused", "Deleting"]
Line = Annotated[str, Field(max_length=4096)]


class Condition(Part):
    """One thing that holds or does not, with the reason; the documentation has a page for each."""

    type: Line
    """What it is about."""
    status: Literal["True", "False", "Unknown"]
    """Whether it holds."""
    reason: Line
    """Why, in one word."""
    message: Annotated[str, Field(max_length=32_768)]
    """Why, and what to do."""
    last_transition_time: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    """Since when."""
    observed_generation: int
    """Generation of the spec that it was found with."""


class ComponentStatus(Part):
    """Where a component stands."""

    name: Line
    """Name of the component."""
    desired: int = 0
    """Pods that are wanted."""
    ready: int = 0
    """Pods that are ready."""
    updated: int = 0
    """Pods that run the newest revision."""
    revision: Line = ""
    """The newest revision."""
    connections: int | None = None
    """Open connections, of gateways."""
    lag: int | None = None
    """Records that it has before it, of consumers."""
    scaling: Line | None = None
    """Why it has so many pods."""


class Rollout(Part):
    """A rollout of gateways that goes on."""

    revision: Line
    """Revision that is rolled out."""
    stage: Line
    """Canary, Rolling, Paused or RolledBack."""
    message: Line = ""
    """How far it is, and what it waits for."""


class External(Part):
    """What stands outside Kubernetes: what is to be done there, and what is refused."""

    planned: Annotated[list[Line], ordered(max_length=64)] = []
    """Steps that are about to be applied."""
    refused: Annotated[list[Line], ordered(max_length=64)] = []
    """Steps that are not done, each with the reason."""
    target: Line = ""
    """Topics with their prefix, or the keyspace."""


class Sizing(Part):
    """What the size or the capacity asks for."""

    size: Line
    """The preset, or capacity."""
    partitions: int
    """Partitions of each ordered topic."""
    replicas: dict[str, int] = {}
    """Pods by component."""


class Endpoints(Part):
    """Where the platform is reached."""

    sockets: Line = ""
    """URL of sockets inside the cluster."""
    api: Line = ""
    """URL of the HTTP API inside the cluster."""
    external: Line = ""
    """URL from outside, when an Ingress or a route is asked for."""


class ChatClusterStatus(Part):
    """What the operator knows."""

    observed_generation: int = 0
    """Generation of the spec that this status is about."""
    phase: Phase = "Pending"
    """Where the platform stands, in one word."""
    conditions: Annotated[list[Condition], by_key("type", max_length=32)] = []
    """What holds and what does not."""
    components: Annotated[list[ComponentStatus], by_key("name", max_length=16)] = []
    """Where each component stands."""
    gateways: Line = ""
    """Gateways that are ready, of those that are wanted."""
    replicas: int = 0
    """Gateways that exist, for the scale subresource."""
    selector: Line = ""
    """Labels of gateway pods, for the scale subresource."""
    connections: int | None = None
    """Open connections of all gateways."""
    lag: int | None = None
    """Records that all consumers have before them."""
    version: Line = ""
    """Version that runs."""
    sizing: Sizing | None = None
    """What the size or the capacity asks for."""
    topics: External | None = None
    """The topics."""
    keyspace: External | None = None
    """The keyspace."""
    rollout: Rollout | None = None
    """The rollout of gateways."""
    endpoints: Endpoints | None = None
    """Where it is reached."""
