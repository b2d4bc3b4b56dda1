"""`apply`: ChatClusters of a file, applied as soon as the API server knows what they are."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final, TextIO

import click

from parley_operator.cli.compare.documents import BadInputError
from parley_operator.cli.compare.render import read
from parley_operator.cli.connection import connected
from parley_operator.cli.failures import CommandError, note
from parley_operator.kube.errors import KubeError, NotFound
from parley_operator.kube.port import KubernetesPort
from parley_operator.kube.resources import CHAT_CLUSTERS
from parley_operator.model.chat_cluster import API_VERSION, KIND

MANAGER: Final = "parley-apply"
_AGAIN_S: Final = 1.0
_REFUSED: Final = frozenset({400, 422})


async def run_apply(
    file: TextIO, namespace: str | None, kubeconfig: str | None, context: str | None, wait_s: float
) -> None:
    """Apply what the file holds; what else is in it is left out, and said."""
    async with connected(kubeconfig, context) as connection:
        documents = read(file, namespace, connection.namespace)
        for other in documents.others:
            note(other)
        for each in documents.clusters:
            metadata = {**each.body["metadata"], "namespace": each.namespace}
            await applied(connection.client, {**each.body, "metadata": metadata}, wait_s)
            click.echo(f"{KIND} {each.namespace}/{each.name} is applied")


async def applied(kube: KubernetesPort, body: Mapping[str, Any], wait_s: float) -> None:
    """Apply a ChatCluster, server-side and by force: a definition that is new may not be known for some seconds.

    Raises BadInputError when the API server refuses it, CommandError when it has no definition in time, KubeError else.
    """
    deadline = time.monotonic() + wait_s
    while True:
        try:
            await kube.apply(CHAT_CLUSTERS, dict(body), manager=MANAGER)
        except KubeError as error:
            if error.status in _REFUSED:
                raise BadInputError(
                    f"the API server refuses {KIND} {body['metadata']['name']}: {error.message}"
                ) from None
            if error.permanent and not isinstance(error, NotFound):
                raise
            if time.monotonic() + _AGAIN_S > deadline:
                await _give_up(kube, error)
            await asyncio.sleep(_AGAIN_S)
        else:
            return


async def _give_up(kube: KubernetesPort, error: KubeError) -> None:
    if isinstance(error, NotFound) and not await kube.served(API_VERSION):
        text = (
            f"this cluster has no definition of {KIND}: install the chart with crds.install, or kubectl apply -f crds/"
        )
        raise CommandError(text)
    raise error
