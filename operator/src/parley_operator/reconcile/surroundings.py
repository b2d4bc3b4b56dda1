"""What the cluster around a ChatCluster is like: which APIs are there, and what is in its Secrets."""

import base64
import hashlib
import secrets as random_secrets
from collections.abc import Mapping
from typing import Any, Final

from parley_operator.desired.inputs import OPTIONAL_APIS, Inputs, Surroundings
from parley_operator.desired.names import INTERNAL_KEY, internal_secret, labels
from parley_operator.desired.settings import referenced_secrets
from parley_operator.kube.errors import Conflict, KubeError
from parley_operator.kube.port import KubernetesPort, Manifest
from parley_operator.kube.resources import SECRETS
from parley_operator.model.chat_cluster import ChatClusterSpec
from parley_operator.reconcile.memory import Memory, Pass

_APIS_S: Final = 300.0
_MISSING_S: Final = 15.0


class Observer:
    """Looks around for a ChatCluster."""

    def __init__(self, kube: KubernetesPort, image: str, version: str) -> None:
        """`image` and `version` are what the operator runs when a spec names none."""
        self._kube = kube
        self._image = image
        self._version = version
        self._apis: frozenset[str] = frozenset()
        self._apis_at = -1e9

    async def inputs(self, resource: Mapping[str, Any], spec: ChatClusterSpec, memory: Memory, work: Pass) -> Inputs:
        """Everything that the desired objects depend on; missing Secrets are noted in the pass."""
        metadata = resource["metadata"]
        bare = Inputs(
            metadata["name"], metadata["namespace"], metadata["uid"], spec, Surroundings(self._image, self._version)
        )
        wanted = referenced_secrets(bare)
        if memory.secrets_of != metadata["generation"] or set(wanted) != set(memory.secrets):
            memory.secrets = {name: await self._secret(bare, name) for name in wanted}
            memory.secrets_of = metadata["generation"]
        for name, keys in wanted.items():
            held = memory.secrets[name]
            work.missing_secrets.extend(
                f"Secret {name} has no key {key}" if held else f"Secret {name} is not there (key {key} is needed)"
                for key in sorted(keys - set(held))
            )
        if work.missing_secrets:
            memory.secrets_of = None
            work.again_after(_MISSING_S)
        around = Surroundings(
            self._image,
            self._version,
            await self._served(work.now),
            {name: _digest(content, wanted[name]) for name, content in memory.secrets.items()},
        )
        return Inputs(bare.name, bare.namespace, bare.uid, spec, around)

    async def _secret(self, inputs: Inputs, name: str) -> dict[str, bytes]:
        found = await self._kube.get(SECRETS, inputs.namespace, name)
        if found is None and name == internal_secret(inputs) and not inputs.spec.paused:
            found = await self._make_internal(inputs)
        return secret_content(found)

    async def _make_internal(self, inputs: Inputs) -> Manifest | None:
        """What gateways and chat share: made once, never shown."""
        name = internal_secret(inputs)
        value = base64.b64encode(random_secrets.token_hex(32).encode()).decode()
        manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": name,
                "namespace": inputs.namespace,
                "labels": labels(inputs),
                "ownerReferences": [inputs.owner],
            },
            "type": "Opaque",
            "data": {INTERNAL_KEY: value},
        }
        try:
            return await self._kube.create(SECRETS, manifest)
        except Conflict:
            return await self._kube.get(SECRETS, inputs.namespace, name)
        except KubeError as error:
            if error.namespace_terminating:
                return None
            raise

    async def _served(self, now: float) -> frozenset[str]:
        if now - self._apis_at > _APIS_S:
            self._apis = frozenset([api for api in OPTIONAL_APIS if await self._kube.served(api)])
            self._apis_at = now
        return self._apis


def secret_content(secret: Mapping[str, Any] | None) -> dict[str, bytes]:
    """What is in a Secret, by key; nothing when it is not there."""
    return {key: base64.b64decode(value) for key, value in ((secret or {}).get("data") or {}).items()}


def _digest(content: Mapping[str, bytes], keys: frozenset[str]) -> str:
    """Changes when one of the keys that pods read does."""
    text = b"\0".join(key.encode() + b"=" + content.get(key, b"") for key in sorted(keys))
    return hashlib.sha256(text).hexdigest()[:16]
