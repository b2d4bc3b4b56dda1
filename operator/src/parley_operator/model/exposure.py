"""`spec.exposure`: how people reach the platform from outside."""

from typing import Annotated, Literal

from pydantic import Field

from parley_operator.model.part import DNS_NAME, Annotations, ObjectName, Part, Rule, Text, ordered, unique

NodePort = Annotated[int, Field(ge=1, le=65535)]
Host = Annotated[
    str, Field(pattern=r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", max_length=253)
]


class ClientService(Part):
    """The Services that clients use: one for sockets (gateway), one for HTTP API and web client (chat)."""

    rules = (
        Rule(
            "self.type != 'ClusterIP' || !has(self.nodePort) && !has(self.apiNodePort)",
            "nodePort and apiNodePort need type NodePort or LoadBalancer",
            field=".type",
        ),
        Rule(
            "!has(self.nodePort) || !has(self.apiNodePort) || self.nodePort != self.apiNodePort",
            "nodePort and apiNodePort must differ: they lead to different pods",
            field=".apiNodePort",
        ),
        Rule(
            "!has(self.loadBalancerClass) || self.type == 'LoadBalancer'",
            "loadBalancerClass needs type LoadBalancer",
            field=".loadBalancerClass",
        ),
        Rule(
            "!has(self.loadBalancerSourceRanges) || self.type == 'LoadBalancer'",
            "loadBalancerSourceRanges needs type LoadBalancer",
            field=".loadBalancerSourceRanges",
        ),
        Rule(
            "!has(self.loadBalancerSourceRanges) || self.loadBalancerSourceRanges.all(each, isCIDR(each))",
            "loadBalancerSourceRanges: each is a network such as 203.0.113.0/24",
            field=".loadBalancerSourceRanges",
        ),
        Rule(
            "!has(self.externalTrafficPolicy) || self.type != 'ClusterIP'",
            "externalTrafficPolicy needs type NodePort or LoadBalancer",
            field=".externalTrafficPolicy",
        ),
    )

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Kind of the Services."""
    node_port: NodePort | None = None
    """Port of every node that leads to gateways; chosen by Kubernetes without it."""
    api_node_port: NodePort | None = None
    """Port of every node that leads to the HTTP API and the web client; chosen by Kubernetes without it."""
    annotations: Annotations | None = None
    """Annotations of the Services, for a cloud's load balancer, say."""
    load_balancer_class: Text | None = None
    """Class of the load balancer."""
    load_balancer_source_ranges: (
        Annotated[list[Annotated[str, Field(max_length=64)]], ordered(max_length=64)] | None
    ) = None
    """Networks that may connect."""
    external_traffic_policy: Literal["Cluster", "Local"] | None = None
    """Local keeps the clients' addresses."""


class Issuer(Part):
    """An issuer of cert-manager."""

    name: ObjectName
    """Name of the issuer."""
    kind: Literal["Issuer", "ClusterIssuer"] = "ClusterIssuer"
    """Kind of the issuer."""


class Ingress(Part):
    """An Ingress in front of both Services."""

    rules = (
        Rule(
            "!has(self.certManagerIssuer) || has(self.tlsSecret)",
            "certManagerIssuer needs tlsSecret: the name of the Secret that the certificate is written to",
            field=".certManagerIssuer",
        ),
    )

    host: Host
    """Host name of the platform."""
    ingress_class_name: Text | None = None
    """Class of the Ingress; the cluster's default without it."""
    annotations: Annotations | None = None
    """Annotations of the Ingress. Sockets live for hours: raise your controller's timeouts here."""
    tls_secret: ObjectName | None = None
    """Secret with the certificate; no TLS without it."""
    cert_manager_issuer: Issuer | None = None
    """Issuer that fills that Secret."""


class ParentReference(Part):
    """A Gateway of the Gateway API."""

    name: ObjectName
    """Name of the Gateway."""
    namespace: Annotated[str, Field(pattern=DNS_NAME, max_length=63)] | None = None
    """Its namespace; that of the ChatCluster without it."""
    section_name: Text | None = None
    """Its listener; all that fit without it."""


class GatewayRoute(Part):
    """An HTTPRoute (Gateway API) to both Services."""

    parent_refs: Annotated[list[ParentReference], ordered(min_length=1, max_length=16)]
    """Gateways that take the route."""
    hostnames: Annotated[list[Host], unique(min_length=1, max_length=16)]
    """Host names of the platform."""


class Exposure(Part):
    """How people reach the platform from outside."""

    rules = (
        Rule(
            "!has(self.ingress) || !has(self.gatewayRoute)",
            "only one of ingress and gatewayRoute may be set: two would answer for the same host",
            field=".gatewayRoute",
        ),
    )

    ip_family: Literal["IPv4", "IPv6"] = "IPv4"
    """Family of addresses that pods listen on; IPv6 for clusters without IPv4."""
    service: ClientService = ClientService()
    """The Services."""
    ingress: Ingress | None = None
    """An Ingress in front of them."""
    gateway_route: GatewayRoute | None = None
    """An HTTPRoute to them; needs the Gateway API."""


class Peer(Part):
    """Who may connect: pods of these namespaces."""

    namespace_labels: Annotated[dict[str, Annotated[str, Field(max_length=63)]], Field(min_length=1, max_length=16)]
    """Labels of the namespaces."""


class NetworkPolicy(Part):
    """What may reach the pods, and what they may reach."""

    rules = (
        Rule(
            "self.enabled || !has(self.clients) && !has(self.monitoring)",
            "clients and monitoring have no effect while enabled is false: set enabled to true, or remove them",
            field=".enabled",
        ),
    )

    enabled: bool = True
    """Whether there are NetworkPolicies: everything is denied but what the services need."""
    clients: Annotated[list[Peer], ordered(max_length=16)] | None = None
    """Who may reach the public ports; everybody without it."""
    monitoring: Annotated[list[Peer], ordered(max_length=16)] | None = None
    """Who may read metrics; everybody in the cluster without it."""
