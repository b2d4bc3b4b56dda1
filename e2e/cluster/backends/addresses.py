"""The names, addresses and Secrets under which pods find the backends; pure, and the same on every provider."""

from dataclasses import dataclass
from typing import Any, Final

NAMESPACE: Final = "parley-backends"
PORTS: Final = {"kafka": 9092, "cql": 9042, "redis": 6379}
DATACENTER: Final = "datacenter1"
"""What Cassandra and Scylla call the only datacenter that nobody named."""

KAFKA_ADDRESS: Final = f"kafka.{NAMESPACE}.svc.cluster.local:{PORTS['kafka']}"


@dataclass(frozen=True)
class Login:
    """A user and his password."""

    user: str
    password: str


def addresses() -> dict[str, Any]:
    """What a ChatCluster names: addresses, and the Secrets with `username` and `password`, in NAMESPACE."""
    hosts = {name: f"{name}.{NAMESPACE}.svc.cluster.local" for name in PORTS}
    return {
        "namespace": NAMESPACE,
        "kafka": {
            "bootstrapServers": KAFKA_ADDRESS,
            "mechanism": "SCRAM-SHA-512",
            "credentialsSecret": secret_name("kafka"),
        },
        "cql": {
            "contactPoints": [f"{hosts['cql']}:{PORTS['cql']}"],
            "localDatacenter": DATACENTER,
            "credentialsSecret": secret_name("cql"),
        },
        "redis": {"address": f"{hosts['redis']}:{PORTS['redis']}", "credentialsSecret": secret_name("redis")},
    }


def secret_name(backend: str) -> str:
    """The Secret with the login to a backend."""
    return f"{backend}-credentials"


def credentials(logins: dict[str, Login]) -> list[dict[str, Any]]:
    """The namespace and a Secret for each backend."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    secrets = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": secret_name(backend), "namespace": NAMESPACE},
            "type": "kubernetes.io/basic-auth",
            "stringData": {"username": login.user, "password": login.password},
        }
        for backend, login in logins.items()
    ]
    return [namespace, *secrets]


def services_at(address: str) -> list[dict[str, Any]]:
    """Services without pods behind them: each leads to its port at one address outside the cluster's network."""
    objects: list[dict[str, Any]] = []
    for backend, port in PORTS.items():
        metadata = {"name": backend, "namespace": NAMESPACE}
        labels = {"kubernetes.io/service-name": backend}
        objects += [
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": metadata,
                "spec": {"ports": [{"name": backend, "port": port}]},
            },
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": metadata | {"labels": labels},
                "addressType": "IPv4",
                "ports": [{"name": backend, "port": port}],
                "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
            },
        ]
    return objects
