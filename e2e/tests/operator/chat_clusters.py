"""ChatClusters of the tests, and waiting for what they become."""

import asyncio
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from e2e.cluster.api_reader import ApiReader
from e2e.cluster.backends.addresses import NAMESPACE, addresses
from e2e.cluster.failure import ClusterError
from e2e.cluster.kubectl import Kubectl
from e2e.tests.operator.patience import standing
from parley_operator.kube.resources import CHAT_CLUSTERS, CHILDREN, EVENTS, PODS, Resource
from tests.patience import STILL_S, Patience

Manifest = dict[str, Any]
API_VERSION = "parley.chat/v1alpha1"
LOOK_S = 0.2

FAKE_NODES = {
    "nodeSelector": {"kwok.x-k8s.io/node": "fake"},
    "tolerations": [{"key": "kwok.x-k8s.io/node", "operator": "Exists"}],
}
"""Lets pods run on nodes that only pretend."""
_KINDS: dict[str, Resource] = {each.kind.lower(): each for each in CHILDREN}
ROLES = ("gateway", "chat", "sequencer", "fanout", "receipts", "presence")


def chat_cluster(namespace: str, name: str = "chat", **spec: Any) -> Manifest:
    """A ChatCluster whose servers nobody reaches, unless `spec` names others."""
    plain = {
        "size": "development",
        "kafka": {"bootstrapServers": ["127.0.0.1:1"]},
        "cql": {"contactPoints": ["127.0.0.1"], "port": 1},
        "redis": {"address": "127.0.0.1:1"},
        "auth": {"jwtSecret": {"name": "tokens", "key": "jwt"}},
    }
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": API_VERSION, "kind": "ChatCluster", "metadata": metadata, "spec": {**plain, **spec}}


def on_fake_nodes(**gateway: Any) -> dict[str, Any]:
    """The components of a ChatCluster whose pods only pretend to run."""
    components: dict[str, Any] = {role: {"scheduling": deepcopy(FAKE_NODES)} for role in ROLES}
    components["gateway"] |= gateway
    return components


def tokens(namespace: str, key: str = "k" * 40) -> Manifest:
    """The Secret that signs people's tokens."""
    metadata = {"name": "tokens", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"jwt": key}}


def real_spec(prefix: str) -> dict[str, Any]:
    """Where the backends of the cluster are, with names of topics, keyspace and keys of their own."""
    where = addresses()
    host, _, port = where["cql"]["contactPoints"][0].partition(":")
    return {
        "imagePullPolicy": "Never",
        "kafka": {
            "bootstrapServers": [where["kafka"]["bootstrapServers"]],
            "authentication": {"credentialsSecret": {"name": where["kafka"]["credentialsSecret"]}},
            "topics": {"prefix": f"{prefix}."},
        },
        "cql": {
            "contactPoints": [host],
            **({"port": int(port)} if port else {}),
            "keyspace": prefix,
            "credentialsSecret": {"name": where["cql"]["credentialsSecret"]},
        },
        "redis": {
            "address": where["redis"]["address"],
            "prefix": f"{prefix}:",
            "credentialsSecret": {"name": where["redis"]["credentialsSecret"]},
        },
    }


BACKENDS = NAMESPACE
"""The namespace with the backends' credentials."""


class Watched:
    """One ChatCluster in the cluster, and questions about it."""

    def __init__(self, kubectl: Kubectl, namespace: str, name: str = "chat") -> None:
        """It need not be there yet."""
        self.kubectl = kubectl
        self.namespace = namespace
        self.name = name
        self._reader = ApiReader(kubectl.kubeconfig, kubectl.context)

    def get(self) -> Manifest:
        """The resource as it is."""
        found: Manifest = self._reader.get(CHAT_CLUSTERS.path(self.namespace, self.name))
        return found

    def apply(self, **spec: Any) -> None:
        """Apply the ChatCluster with this spec, as a person would."""
        self.kubectl.apply(chat_cluster(self.namespace, self.name, **spec))

    def patch(self, spec: Manifest) -> None:
        """Merge something into its spec."""
        import json  # noqa: PLC0415

        change = json.dumps({"spec": spec})
        self.kubectl("patch", "chatcluster", self.name, "-n", self.namespace, "--type=merge", "-p", change)

    def condition(self, kind: str) -> Manifest:
        """One of its conditions; empty when it is not there yet."""
        conditions = self.get().get("status", {}).get("conditions", [])
        return next((each for each in conditions if each["type"] == kind), {})

    def child(self, kind: str, suffix: str) -> Manifest:
        """One of its objects; the kind is written as kubectl takes it."""
        found: Manifest = self._reader.get(_KINDS[kind].path(self.namespace, f"{self.name}-{suffix}"))
        return found

    def pods(self, role: str) -> list[Manifest]:
        """The pods of a component."""
        labels = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/component={role}"
        found: list[Manifest] = self._reader.get(PODS.path(self.namespace), labelSelector=labels)["items"]
        return found

    def events(self, reason: str) -> list[str]:
        """The messages of its events with this reason."""
        items = self._reader.get(EVENTS.path(self.namespace))["items"]
        mine = [each for each in items if each["involvedObject"]["name"] == self.name]
        return [each["message"] for each in mine if each["reason"] == reason]

    def until(self, what: str, true: Callable[[], Any], patience_s: float = STILL_S) -> Any:
        """Wait until something is so; says what was not, and how the ChatCluster stands, when it never is.

        Gives up when the ChatCluster and its pods went no step further for `patience_s`.
        """
        patience = Patience(time.monotonic(), patience_s)
        while True:
            try:
                found, seen = true(), None
                if not found:
                    seen = self._standing()
            except ClusterError:
                found, seen = None, None
            if found:
                return found
            if patience.over(time.monotonic(), seen):
                raise AssertionError(f"never: {what}\n{self.told()}")
            time.sleep(LOOK_S)

    def _standing(self) -> Any:
        pods = self._reader.get(PODS.path(self.namespace), labelSelector=f"app.kubernetes.io/instance={self.name}")
        return standing(self.get(), pods["items"])

    async def until_async(self, what: str, true: Callable[[], Any], patience_s: float = STILL_S) -> Any:
        """The same beside other work of the test."""
        return await asyncio.to_thread(self.until, what, true, patience_s)

    def until_condition(
        self, kind: str, status: str = "True", reason: str = "", patience_s: float = STILL_S
    ) -> Manifest:
        """Wait for a condition of the newest generation."""

        def true() -> Manifest | None:
            resource = self.get()
            found = next(
                (each for each in resource.get("status", {}).get("conditions", []) if each["type"] == kind), None
            )
            fits = (
                found
                and found["status"] == status
                and found["observedGeneration"] == resource["metadata"]["generation"]
                and (not reason or found["reason"] == reason)
            )
            return found if fits else None

        found: Manifest = self.until(f"{kind}={status} {reason}", true, patience_s)
        return found

    def told(self) -> str:
        """How it stands, for a person who reads a failed test."""
        looks = (
            ("get", "pods,statefulsets,deployments", "-n", self.namespace),
            ("describe", "chatcluster", self.name, "-n", self.namespace),
        )
        return "\n".join(self.kubectl.attempt(*look).stdout[-6000:] for look in looks)
