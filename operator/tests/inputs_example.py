"""Small ChatClusters, for tests of what follows from one."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from parley_operator.desired.inputs import OPTIONAL_APIS, Inputs, Surroundings
from parley_operator.model.chat_cluster import ChatClusterSpec

IMAGE: Final = "parley.chat/services:0.1.0"
MINIMAL: Final[Mapping[str, Any]] = {
    "kafka": {"bootstrapServers": ["kafka:9092"]},
    "cql": {"contactPoints": ["cql"]},
    "redis": {"address": "redis:6379"},
    "auth": {"jwtSecret": {"name": "tokens", "key": "jwt"}},
}
_TLS: Final = {"trustedCertificates": {"name": "authority"}, "clientCertificate": {"name": "client"}}
_EVERYTHING: Final[Mapping[str, Any]] = {
    "imagePullSecrets": [{"name": "registry"}],
    "kafka": {
        "bootstrapServers": ["kafka:9092"],
        "tls": _TLS,
        "authentication": {"credentialsSecret": {"name": "kafka-login"}},
    },
    "cql": {"contactPoints": ["cql"], "credentialsSecret": {"name": "cql-login"}},
    "redis": {"address": "redis:6379", "credentialsSecret": {"name": "redis-login"}},
    "components": {
        "gateway": {
            "autoscaling": {"mode": "hpa", "maxReplicas": 9},
            "annotations": {"team": "chat"},
            "drain": {"ratePerSecond": 50, "initialDelaySeconds": 0},
        },
        "sequencer": {"autoscaling": {"mode": "keda", "maxReplicas": 9, "targetLag": 100}},
        "chat": {
            "env": [{"name": "MORE", "value": "1"}],
            "podTemplate": {
                "metadata": {"labels": {"mesh": "on"}},
                "spec": {
                    "containers": [{"name": "chat", "env": [{"name": "EXTRA", "value": "2"}]}, {"name": "side"}],
                    "initContainers": [{"name": "before", "image": "example.com/before:1"}],
                    "volumes": [{"name": "more", "configMap": {"name": "more"}}],
                },
            },
        },
    },
    "exposure": {
        "service": {"type": "NodePort", "annotations": {"balancer": "yes"}},
        "ingress": {"host": "chat.example.com", "annotations": {"timeout": "1h"}, "tlsSecret": "web"},
    },
    "networkPolicy": {"clients": [{"namespaceLabels": {"front": "yes"}}]},
    "monitoring": {"dashboards": True, "labels": {"release": "prometheus"}},
}


def spec_of(**fields: Any) -> ChatClusterSpec:
    """The smallest spec with these fields."""
    return ChatClusterSpec.read({**MINIMAL, **fields})


def inputs_of(
    spec: ChatClusterSpec | None = None,
    *,
    apis: Iterable[str] = (),
    secrets: Mapping[str, str] | None = None,
    image: str = IMAGE,
) -> Inputs:
    """A ChatCluster named chat in the namespace talk."""
    around = Surroundings(image, "0.1.0", frozenset(apis), secrets or {})
    return Inputs("chat", "talk", "uid-of-chat", spec or spec_of(), around)


def everything(**fields: Any) -> Inputs:
    """A ChatCluster that uses most of what can be asked for, where every optional API is."""
    spec = ChatClusterSpec.read({**MINIMAL, **_EVERYTHING, **fields})
    return inputs_of(spec, apis=OPTIONAL_APIS)
