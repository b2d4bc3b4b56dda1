"""Which cluster, and which namespace of it: as kubectl chooses them."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from kubernetes.aio.config import ConfigException, list_kube_config_contexts

from parley_operator.cli.cluster_client import ClusterClient
from parley_operator.cli.failures import CommandError
from parley_operator.kube.access import Access

_IN_POD: Final = "KUBERNETES_SERVICE_HOST"
_POD_NAMESPACE: Final = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
_BROKEN: Final = (ConfigException, OSError, yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Connection:
    """A client, and the namespace where nothing else is said."""

    client: ClusterClient
    namespace: str


def kubeconfig_path(given: str | None, environment: Mapping[str, str], home: Path) -> str | None:
    """The kubeconfig, or several with colons between; None inside a pod. Raises CommandError when there is none."""
    if given:
        return given
    named = environment.get("KUBECONFIG", "")
    there = [each for each in named.split(os.pathsep) if each and Path(each).expanduser().exists()]
    if there:
        return os.pathsep.join(there)
    if named:
        raise CommandError(f"KUBECONFIG is {named}, and no such file is there: correct it, or use --kubeconfig FILE")
    usual = home / ".kube" / "config"
    if usual.exists():
        return str(usual)
    if _IN_POD in environment:
        return None
    raise CommandError(f"no cluster is named: there is no {usual}; set KUBECONFIG, or use --kubeconfig FILE")


def context_namespace(contexts: list[dict[str, Any]], current: Mapping[str, Any] | None, name: str | None) -> str:
    """The namespace that a context names, as kubectl takes it."""
    chosen = next((each for each in contexts if each.get("name") == name), None) if name else current
    return ((chosen or {}).get("context") or {}).get("namespace") or "default"


@asynccontextmanager
async def connected(kubeconfig: str | None, context: str | None) -> AsyncIterator[Connection]:
    """Connect as kubectl would."""
    path = kubeconfig_path(kubeconfig, os.environ, Path.home())
    try:
        access = await Access(path, context).load()
        namespace = _namespace(path, context)
    except _BROKEN as error:
        where = path or "the pod's service account"
        text = " ".join(str(error).split()) or type(error).__name__
        raise CommandError(f"cannot use {where}: {text}: correct it, or choose with --kubeconfig, --context") from None
    async with ClusterClient(access, "cli") as client:
        yield Connection(client, namespace)


def _namespace(path: str | None, context: str | None) -> str:
    if path is None:
        return Path(_POD_NAMESPACE).read_text().strip()
    contexts, current = list_kube_config_contexts(path)
    return context_namespace(contexts, current, context)
