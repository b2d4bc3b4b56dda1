"""Examples of rules about the platform as a whole: its name, its limits, and how people reach it."""

from typing import Final

from rule_example import Example

from parley_operator.model.chat_cluster import ChatClusterSpec
from parley_operator.model.exposure import ClientService, Exposure, Ingress, NetworkPolicy
from parley_operator.model.limits import Limits

_ROLES: Final = ("gateway", "chat", "sequencer", "fanout", "receipts", "presence")
_CAPACITY: Final = {"peakConnections": 1000, "messagesPerSecond": 100}
_INGRESS: Final = {"host": "chat.example.com"}
_ROUTE: Final = {"parentRefs": [{"name": "edge"}], "hostnames": ["chat.example.com"]}
_NETWORKS: Final = ["203.0.113.0/24", "2001:db8::/32"]
_PEERS: Final = [{"namespaceLabels": {"team": "web"}}]

METADATA: Final = (
    Example(
        None,
        "metadata.name may have 40 characters",
        accepted=[{"name": "c" * 40}],
        refused=[{"name": "c" * 41}],
    ),
    Example(
        None,
        "metadata.name may have a-z, 0-9 and '-'",
        accepted=[{"name": "chat-1"}, {"name": "c"}],
        refused=[{"name": "1-chat"}, {"name": "chat.one"}],
    ),
)

SPEC: Final = (
    Example(
        ChatClusterSpec,
        "components may be",
        accepted=[{f"components.{name}": {} for name in _ROLES}],
        refused=[{"components.gateways": {}}],
    ),
    Example(
        ChatClusterSpec,
        "drain is for components.gateway only",
        accepted=[{"components.gateway.drain": {}}],
        refused=[{"components.chat.drain": {}}],
    ),
    Example(
        ChatClusterSpec,
        "autoscaling.targetConnections is for components.gateway only",
        accepted=[{"components.gateway.autoscaling.targetConnections": 1000}],
        refused=[{"components.fanout.autoscaling.targetConnections": 1000}],
    ),
    Example(
        ChatClusterSpec,
        "autoscaling.targetLag is for components",
        accepted=[{f"components.{name}.autoscaling.targetLag": 10} for name in ("sequencer", "fanout", "receipts")],
        refused=[{f"components.{name}.autoscaling.targetLag": 10} for name in ("gateway", "chat", "presence")],
    ),
    Example(
        ChatClusterSpec,
        "autoscaling.mode operator measures",
        accepted=[{"components.gateway.autoscaling": {"mode": "operator", "maxReplicas": 3}}],
        refused=[
            {f"components.{name}.autoscaling": {"mode": "operator", "maxReplicas": 3}} for name in ("chat", "presence")
        ],
    ),
    Example(
        ChatClusterSpec,
        "replicas of a component may be 0 only while paused",
        accepted=[{"components.chat.replicas": 0, "paused": True}, {"components.chat.replicas": 1}],
        refused=[{"components.chat.replicas": 0}],
    ),
    Example(
        ChatClusterSpec,
        "only one of size and capacity",
        accepted=[{"size": "small"}, {"capacity": _CAPACITY}],
        refused=[{"size": "small", "capacity": _CAPACITY}],
    ),
    Example(
        ChatClusterSpec,
        "image may not contain spaces",
        accepted=[{"image": "registry.example.com:5000/parley/services:1.0.0"}],
        refused=[{"image": "parley/services:1.0.0 "}],
    ),
    Example(
        ChatClusterSpec,
        "image may not have the tag latest",
        accepted=[{"image": "parley/latest:1.0.0"}],
        refused=[{"image": "parley/services:latest"}],
    ),
    Example(
        ChatClusterSpec,
        "deletionTimeoutSeconds needs deletionPolicy Delete",
        accepted=[{"deletionTimeoutSeconds": 60, "deletionPolicy": "Delete"}],
        refused=[{"deletionTimeoutSeconds": 60}],
    ),
    Example(
        ChatClusterSpec,
        "kafka.topics.replicas may be 1 only",
        accepted=[{"kafka.topics.replicas": 1, "size": "development"}, {"kafka.topics.replicas": 2}],
        refused=[{"kafka.topics.replicas": 1}, {"kafka.topics.replicas": 1, "size": "small"}],
    ),
    Example(
        ChatClusterSpec,
        "cql.replication.replicas may be 1 only",
        accepted=[{"cql.replication.replicas": 1, "size": "development"}, {"cql.replication.replicas": 2}],
        refused=[{"cql.replication.replicas": 1}, {"cql.replication.replicas": 1, "size": "small"}],
    ),
    Example(
        ChatClusterSpec,
        "cql.replication.datacenters: a single one needs",
        accepted=[
            {"cql.replication.datacenters": [{"name": "west", "replicas": 2}]},
            {"cql.replication.datacenters": [{"name": "west", "replicas": 1}, {"name": "east", "replicas": 1}]},
        ],
        refused=[{"cql.replication.datacenters": [{"name": "west", "replicas": 1}]}],
    ),
    Example(
        ChatClusterSpec,
        "image must have a tag or a digest",
        accepted=[{"image": "registry:5000/parley:1"}, {"image": "parley@sha256:0123"}],
        refused=[{"image": "parley/services"}, {"image": "registry:5000/parley"}],
    ),
)

LIMITS: Final = (
    Example(
        Limits,
        "textBytes must be smaller than frameBytes",
        accepted=[{"textBytes": 65_535}],
        refused=[{"textBytes": 65_536}],
    ),
    Example(
        Limits,
        "windowBytes must be at least frameBytes",
        accepted=[{"windowBytes": 65_536}],
        refused=[{"windowBytes": 65_535}],
    ),
    Example(
        Limits,
        "sendsBurst must be at least sendsPerSecond",
        accepted=[{"sendsBurst": 50}],
        refused=[{"sendsBurst": 49}],
    ),
)

EXPOSURE: Final = (
    Example(
        ClientService,
        "nodePort and apiNodePort need type",
        accepted=[{"type": "NodePort", "nodePort": 30001}, {"type": "LoadBalancer", "apiNodePort": 30001}],
        refused=[{"nodePort": 30001}, {"apiNodePort": 30001}],
    ),
    Example(
        ClientService,
        "nodePort and apiNodePort must differ",
        always={"type": "NodePort", "nodePort": 30001},
        accepted=[{"apiNodePort": 30002}],
        refused=[{"apiNodePort": 30001}],
    ),
    Example(
        ClientService,
        "loadBalancerClass needs type LoadBalancer",
        always={"loadBalancerClass": "fast"},
        accepted=[{"type": "LoadBalancer"}],
        refused=[{}, {"type": "NodePort"}],
    ),
    Example(
        ClientService,
        "loadBalancerSourceRanges needs type LoadBalancer",
        always={"loadBalancerSourceRanges": _NETWORKS},
        accepted=[{"type": "LoadBalancer"}],
        refused=[{}, {"type": "NodePort"}],
    ),
    Example(
        ClientService,
        "loadBalancerSourceRanges: each is a network",
        always={"type": "LoadBalancer"},
        accepted=[{"loadBalancerSourceRanges": _NETWORKS}],
        refused=[{"loadBalancerSourceRanges": [*_NETWORKS, wrong]} for wrong in ("203.0.113.1", "203.0.113.0/33")],
    ),
    Example(
        ClientService,
        "externalTrafficPolicy needs type",
        always={"externalTrafficPolicy": "Local"},
        accepted=[{"type": "NodePort"}, {"type": "LoadBalancer"}],
        refused=[{}],
    ),
    Example(
        Ingress,
        "certManagerIssuer needs tlsSecret",
        always=_INGRESS | {"certManagerIssuer.name": "letsencrypt"},
        accepted=[{"tlsSecret": "certificate"}],
        refused=[{}],
    ),
    Example(
        Exposure,
        "only one of ingress and gatewayRoute",
        accepted=[{"ingress": _INGRESS}, {"gatewayRoute": _ROUTE}],
        refused=[{"ingress": _INGRESS, "gatewayRoute": _ROUTE}],
    ),
    Example(
        NetworkPolicy,
        "clients and monitoring have no effect",
        accepted=[{"enabled": False}, {"clients": _PEERS, "monitoring": _PEERS}],
        refused=[{"enabled": False, "clients": _PEERS}, {"enabled": False, "monitoring": _PEERS}],
    ),
)

PLATFORM: Final = (*METADATA, *SPEC, *LIMITS, *EXPOSURE)
