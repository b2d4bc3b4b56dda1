"""The way in from outside: an Ingress or an HTTPRoute, sockets to gateways and all else to chat."""

from typing import Any

from parley.contract import SOCKET_PATH
from parley_operator.desired.inputs import GATEWAY_API, Inputs, Manifest
from parley_operator.desired.names import PUBLIC_PORT, child, metadata
from parley_operator.model.exposure import GatewayRoute, Ingress

_WAYS = ((SOCKET_PATH, "gateway"), ("/", "chat"))


def routes(inputs: Inputs) -> list[Manifest]:
    """The Ingress, or the HTTPRoute where the Gateway API is."""
    exposure = inputs.spec.exposure
    if exposure.ingress:
        return [_ingress(inputs, exposure.ingress)]
    if exposure.gateway_route and GATEWAY_API in inputs.around.apis:
        return [_http_route(inputs, exposure.gateway_route)]
    return []


def external_url(inputs: Inputs) -> str:
    """Where people find it, as far as the spec says."""
    exposure = inputs.spec.exposure
    if exposure.ingress:
        return f"http{'s' if exposure.ingress.tls_secret else ''}://{exposure.ingress.host}"
    return f"https://{exposure.gateway_route.hostnames[0]}" if exposure.gateway_route else ""


def _ingress(inputs: Inputs, asked: Ingress) -> Manifest:
    annotations = dict(asked.annotations or {})
    if asked.cert_manager_issuer:
        kind = "cluster-issuer" if asked.cert_manager_issuer.kind == "ClusterIssuer" else "issuer"
        annotations[f"cert-manager.io/{kind}"] = asked.cert_manager_issuer.name
    paths = [
        {
            "path": path,
            "pathType": "Prefix",
            "backend": {"service": {"name": child(inputs, role), "port": {"number": PUBLIC_PORT}}},
        }
        for path, role in _WAYS
    ]
    spec: dict[str, Any] = {"rules": [{"host": asked.host, "http": {"paths": paths}}]}
    if asked.ingress_class_name:
        spec["ingressClassName"] = asked.ingress_class_name
    if asked.tls_secret:
        spec["tls"] = [{"hosts": [asked.host], "secretName": asked.tls_secret}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata(inputs, "public", annotations=annotations),
        "spec": spec,
    }


def _http_route(inputs: Inputs, asked: GatewayRoute) -> Manifest:
    rules = [
        {
            "matches": [{"path": {"type": "PathPrefix", "value": path}}],
            "backendRefs": [{"name": child(inputs, role), "port": PUBLIC_PORT}],
        }
        for path, role in _WAYS
    ]
    parents = [each.model_dump(by_alias=True, exclude_none=True) for each in asked.parent_refs]
    return {
        "apiVersion": GATEWAY_API,
        "kind": "HTTPRoute",
        "metadata": metadata(inputs, "public"),
        "spec": {"parentRefs": parents, "hostnames": list(asked.hostnames), "rules": rules},
    }
