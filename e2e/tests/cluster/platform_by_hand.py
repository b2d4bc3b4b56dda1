"""Every role as pods, written by hand: what the operator will do, in its thinnest form."""

from typing import Any

from e2e.cluster.backends.addresses import NAMESPACE, addresses
from e2e.tests.cluster.workloads import RESTRICTED, Manifest, workload
from parley.contract import READINESS_PATH, ROLES

PUBLIC_PORT, ADMIN_PORT, INTERNAL_PORT = 8080, 9090, 8090
LOGINS = {"LOG": "kafka", "STORE": "cql", "REGISTRY": "redis"}
KEYS = "keys"


def objects(image: str, secret: str, node_ports: dict[str, int]) -> list[Manifest]:
    """The keys, a workload for each role, and Services; `node_ports` exposes gateway and chat."""
    keys = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": KEYS, "namespace": NAMESPACE},
        "stringData": {"jwt": secret, "internal": secret[::-1]},
    }
    found = [keys, _service("chat-internal", "chat", INTERNAL_PORT)]
    for role in ROLES:
        kind = "StatefulSet" if role == "gateway" else "Deployment"
        more = {"serviceName": "gateway"} if role == "gateway" else {}
        found.append(workload(kind, NAMESPACE, role, {"containers": [_container(image, role)]}, **more))
    found += [_service(role, role, PUBLIC_PORT, node_port) for role, node_port in node_ports.items()]
    return found


def preparation(image: str, what: str) -> Manifest:
    """A pod that makes the topics or the schema."""
    container = _container(image, "chat") | {"args": [what, "apply"], "readinessProbe": None}
    metadata = {"name": f"prepare-{what}", "namespace": NAMESPACE}
    spec = {"restartPolicy": "Never", "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _container(image: str, role: str) -> Manifest:
    return {
        "name": role,
        "image": image,
        "imagePullPolicy": "Never",
        "args": ["run", role],
        "env": _environment(),
        "readinessProbe": {"httpGet": {"path": READINESS_PATH, "port": ADMIN_PORT}, "periodSeconds": 1},
        "securityContext": RESTRICTED,
    }


def _environment() -> list[dict[str, Any]]:
    where = addresses()
    values = {
        "PARLEY_HOST": "0.0.0.0",  # noqa: S104 - inside a pod
        "PARLEY_ADMIN_HOST": "0.0.0.0",  # noqa: S104
        "PARLEY_INTERNAL_HOST": "0.0.0.0",  # noqa: S104
        "PARLEY_PORT": str(PUBLIC_PORT),
        "PARLEY_ADMIN_PORT": str(ADMIN_PORT),
        "PARLEY_INTERNAL_PORT": str(INTERNAL_PORT),
        "PARLEY_CHAT_URL": f"http://chat-internal.{NAMESPACE}:{INTERNAL_PORT}",
        "PARLEY_LOG_URL": f"kafka://{where['kafka']['bootstrapServers']}",
        "PARLEY_LOG_MECHANISM": where["kafka"]["mechanism"],
        "PARLEY_LOG_REPLICATION": "1",
        "PARLEY_STORE_URL": f"cql://{where['cql']['contactPoints'][0].partition(':')[0]}/parley",
        "PARLEY_STORE_REPLICATION": "1",
        "PARLEY_REGISTRY_URL": f"redis://{where['redis']['address']}",
    }
    found: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in values.items()]
    for part, backend in LOGINS.items():
        secret = where[backend]["credentialsSecret"]
        found += [
            _from(f"PARLEY_{part}_USER", secret, "username"),
            _from(f"PARLEY_{part}_PASSWORD", secret, "password"),
        ]
    return [*found, _from("PARLEY_JWT_SECRET", KEYS, "jwt"), _from("PARLEY_INTERNAL_SECRET", KEYS, "internal")]


def _from(name: str, secret: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def _service(name: str, role: str, port: int, node_port: int | None = None) -> Manifest:
    exposed = {"type": "NodePort"} if node_port else {}
    ports = [{"name": "http", "port": port} | ({"nodePort": node_port} if node_port else {})]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"selector": {"app": role}, "ports": ports, **exposed},
    }
