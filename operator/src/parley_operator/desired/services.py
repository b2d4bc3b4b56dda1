"""The Services: names for pods, the way from gateways to chat, and the way in for clients."""

from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.names import INTERNAL_PORT, PUBLIC_PORT, metadata, selector


def services(inputs: Inputs) -> list[Manifest]:
    """All Services."""
    exposure = inputs.spec.exposure.service
    return [
        _service(inputs, "gateway-headless", "gateway", PUBLIC_PORT, {"clusterIP": "None"}),
        _service(inputs, "chat-internal", "chat", INTERNAL_PORT, {}, port_name="internal"),
        _client_service(inputs, "gateway", exposure.node_port),
        _client_service(inputs, "chat", exposure.api_node_port),
    ]


def _client_service(inputs: Inputs, role: str, node_port: int | None) -> Manifest:
    exposure = inputs.spec.exposure.service
    spec: Manifest = {"type": exposure.type}
    if exposure.load_balancer_class:
        spec["loadBalancerClass"] = exposure.load_balancer_class
    if exposure.load_balancer_source_ranges:
        spec["loadBalancerSourceRanges"] = list(exposure.load_balancer_source_ranges)
    if exposure.external_traffic_policy:
        spec["externalTrafficPolicy"] = exposure.external_traffic_policy
    return _service(inputs, role, role, PUBLIC_PORT, spec, node_port=node_port, annotations=exposure.annotations)


def _service(
    inputs: Inputs,
    suffix: str,
    role: str,
    port: int,
    spec: Manifest,
    *,
    port_name: str = "http",
    node_port: int | None = None,
    annotations: dict[str, str] | None = None,
) -> Manifest:
    entry = {"name": port_name, "port": port, "targetPort": port_name, "protocol": "TCP"}
    if node_port:
        entry["nodePort"] = node_port
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(inputs, suffix, role, annotations=annotations),
        "spec": {**spec, "selector": selector(inputs, role), "ports": [entry]},
    }
