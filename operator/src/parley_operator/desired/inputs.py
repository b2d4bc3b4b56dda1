"""Everything that the desired objects depend on; what is not here cannot change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from parley_operator.desired.sizing import Sizing, sizing
from parley_operator.model.chat_cluster import API_VERSION, KIND, ChatClusterSpec

Manifest = dict[str, Any]

MONITORING_API: Final = "monitoring.coreos.com/v1"
GATEWAY_API: Final = "gateway.networking.k8s.io/v1"
KEDA_API: Final = "keda.sh/v1alpha1"
CERT_MANAGER_API: Final = "cert-manager.io/v1"
OPTIONAL_APIS: Final = (MONITORING_API, GATEWAY_API, KEDA_API, CERT_MANAGER_API)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the cluster around is like, as far as it changes what is made.

    `apis` are the optional API groups that are served; `secrets` the content hashes of the Secrets that the spec
    names, and of the generated one; `image` and `version` those that belong to the operator.
    """

    image: str
    version: str
    apis: frozenset[str] = frozenset()
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """One ChatCluster in its surroundings."""

    name: str
    namespace: str
    uid: str
    spec: ChatClusterSpec
    around: Surroundings

    @property
    def sizing(self) -> Sizing:
        """What its size or capacity asks for."""
        return sizing(self.spec)

    @property
    def image(self) -> str:
        """The image of its chat services."""
        if self.spec.image:
            return self.spec.image
        folder, slash, name = self.around.image.partition("@")[0].rpartition("/")
        repository = f"{folder}{slash}{name.partition(':')[0]}"
        return f"{repository}:{self.spec.version}" if self.spec.version else self.around.image

    @property
    def version(self) -> str:
        """The version of its chat services."""
        return self.spec.version or self.around.version

    @property
    def owner(self) -> Manifest:
        """What makes Kubernetes remove an object together with the ChatCluster."""
        return {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": self.name,
            "uid": self.uid,
            "controller": True,
            "blockOwnerDeletion": True,
        }
