"""NetworkPolicies: nothing is allowed but what the services need."""

from parley.contract import BACKENDS_OF_ROLES, ROLES
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.names import ADMIN_PORT, INTERNAL_PORT, PUBLIC_PORT, metadata, selector
from parley_operator.model.exposure import Peer

DNS_PORTS = ("UDP", "TCP")
_COLLECTORS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def network_policies(inputs: Inputs) -> list[Manifest]:
    """Deny everything to all pods of the ChatCluster, then allow by component."""
    if not inputs.spec.network_policy.enabled:
        return []
    deny = _policy(inputs, "default-deny", None, {"policyTypes": ["Ingress", "Egress"]})
    return [deny, *(_component(inputs, role) for role in ROLES)]


def _component(inputs: Inputs, role: str) -> Manifest:
    return _policy(
        inputs,
        role,
        role,
        {"policyTypes": ["Ingress", "Egress"], "ingress": _ingress(inputs, role), "egress": _egress(inputs, role)},
    )


def _policy(inputs: Inputs, suffix: str, role: str | None, spec: Manifest) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(inputs, suffix, role),
        "spec": {"podSelector": {"matchLabels": selector(inputs, role)}, **spec},
    }


def _ingress(inputs: Inputs, role: str) -> list[Manifest]:
    policy = inputs.spec.network_policy
    rules = [_from(policy.monitoring or [], ADMIN_PORT)]
    if role in {"gateway", "chat"}:
        rules.append(_from(policy.clients or [], PUBLIC_PORT))
    if role == "chat":
        gateways = {"podSelector": {"matchLabels": selector(inputs, "gateway")}}
        rules.append({"from": [gateways], "ports": [_port(INTERNAL_PORT)]})
    return rules


def _from(peers: list[Peer], port: int) -> Manifest:
    """Everybody when no peers are named."""
    chosen = [{"namespaceSelector": {"matchLabels": dict(peer.namespace_labels)}} for peer in peers]
    return {"ports": [_port(port)], **({"from": chosen} if chosen else {})}


def _egress(inputs: Inputs, role: str) -> list[Manifest]:
    rules: list[Manifest] = [{"ports": [_port(53, protocol) for protocol in DNS_PORTS]}]
    ports = sorted({port for engine in BACKENDS_OF_ROLES[role] for port in _engine_ports(inputs, engine)})
    rules.append({"ports": [_port(port) for port in ports]})
    if role == "gateway":
        chat = {"podSelector": {"matchLabels": selector(inputs, "chat")}}
        rules.append({"to": [chat], "ports": [_port(INTERNAL_PORT)]})
    if role in {"gateway", "chat"} and inputs.spec.auth.jwks_url:
        rules.append({"ports": [_port(_url_port(inputs.spec.auth.jwks_url))]})
    rules += [{"ports": [_port(_url_port(url))]} for url in _collectors(inputs, role)]
    return rules


def _collectors(inputs: Inputs, role: str) -> list[str]:
    """Where the component's environment sends traces, as far as it says so by value."""
    variables = inputs.spec.component(role).env or ()
    return sorted({each.value for each in variables if each.name in _COLLECTORS and each.value})


def _engine_ports(inputs: Inputs, engine: str) -> list[int]:
    spec = inputs.spec
    if engine == "store":
        return [spec.cql.port]
    if engine == "log":
        return [_port_of(address) for address in spec.kafka.bootstrap_servers]
    redis = spec.redis
    if redis.sentinels:
        # The master that sentinels name listens where Redis usually does.
        return [*(_port_of(address) for address in redis.sentinels.addresses), 6379]
    return [_port_of(address) for address in (redis.nodes or [redis.address or ":6379"])]


def _port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def _url_port(url: str) -> int:
    scheme, _, rest = url.partition("://")
    port = rest.partition("/")[0].rpartition(":")[2]
    return int(port) if port.isdigit() else (443 if scheme == "https" else 80)


def _port(number: int, protocol: str = "TCP") -> Manifest:
    return {"protocol": protocol, "port": number}
