"""`top`: a table that is drawn again and again."""

import asyncio
import contextlib
import datetime as dt
import shutil
import signal
import sys
from typing import Any, Final

import click

from parley_operator.cli.cluster_client import Cluster
from parley_operator.cli.connection import connected
from parley_operator.cli.failures import CommandError, advice
from parley_operator.cli.show.chat_clusters import read_clusters
from parley_operator.cli.show.top_table import Key, Sight, drawing, key_of, screen, top_lines
from parley_operator.external.pod_metrics import parse
from parley_operator.kube.errors import KubeError
from parley_operator.kube.resources import PODS

_PODS: Final = "app.kubernetes.io/name=parley"
_AT_ONCE: Final = 8
_BEGIN, _END = "\x1b[?25l\x1b[2J", "\x1b[?25h"
"""Without a cursor on an empty screen, and the cursor back."""


async def run_top(
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    interval_s: float,
    *,
    everywhere: bool,
    once: bool,
) -> None:
    """Print the table once, or again and again until a signal."""
    async with connected(kubeconfig, context) as connection:
        where = None if everywhere else namespace or connection.namespace
        if once:
            sight = await look(connection.client, where)
            click.echo("\n".join(top_lines(sight, dt.datetime.now(dt.UTC))))
        else:
            await show(connection.client, where, interval_s, in_place=sys.stdout.isatty())


async def look(cluster: Cluster, namespace: str | None) -> Sight:
    """See the ChatClusters of a namespace, or of all. Clients of leaving gateways are told by these themselves."""
    clusters, pods = await asyncio.gather(read_clusters(cluster, namespace), _pods(cluster, namespace))
    leaving = [pod for pod in pods if pod["metadata"].get("deletionTimestamp")]
    limit = asyncio.Semaphore(_AT_ONCE)
    answers = await asyncio.gather(*(_clients(cluster, limit, key_of(pod)) for pod in leaving))
    clients = {key_of(pod): count for pod, count in zip(leaving, answers, strict=True) if count is not None}
    return Sight(clusters, leaving, clients)


async def _pods(cluster: Cluster, namespace: str | None) -> list[dict[str, Any]]:
    """Pods; none where they may not be seen, since the rest of the table does without."""
    try:
        return await cluster.list_all(PODS, namespace, _PODS)
    except KubeError as error:
        if error.status == 0:
            raise
        return []


async def _clients(cluster: Cluster, limit: asyncio.Semaphore, key: Key) -> int | None:
    with contextlib.suppress(KubeError, ValueError):
        async with limit:
            return parse((await cluster.metrics(*key)).splitlines()).connections
    return None


async def show(cluster: Cluster, namespace: str | None, interval_s: float, *, in_place: bool) -> None:
    """Draw until a signal. An API server that is away for a while is told, and asked again."""
    stop = asyncio.create_task(_signalled())
    sight = await _look_unless(stop, cluster, namespace)
    trouble = ""
    click.echo(_BEGIN if in_place else "", nl=False)
    try:
        while sight is not None:
            _draw(_lines(sight, interval_s, trouble), in_place=in_place)
            await asyncio.wait((stop,), timeout=interval_s)
            try:
                sight, trouble = await _look_unless(stop, cluster, namespace), ""
            except KubeError as error:
                trouble = advice(error)
            except CommandError as error:
                trouble = str(error)
    finally:
        stop.cancel()
        click.echo(_END if in_place else "", nl=False)


async def _signalled() -> None:
    """Wait for Ctrl-C, or for the end that Kubernetes would ask for."""
    happened = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # then Ctrl-C is a KeyboardInterrupt
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, happened.set)
    await happened.wait()


async def _look_unless(stop: asyncio.Task[None], cluster: Cluster, namespace: str | None) -> Sight | None:
    """See what there is; None when it is time to stop, also when that happens while an answer is awaited."""
    looking = asyncio.create_task(look(cluster, namespace))
    await asyncio.wait((stop, looking), return_when=asyncio.FIRST_COMPLETED)
    if stop.done():
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        return None
    return looking.result()


def _lines(sight: Sight, interval_s: float, trouble: str) -> list[str]:
    now = dt.datetime.now(dt.UTC)
    head = f"{now:%Y-%m-%d %H:%M:%S} UTC, every {interval_s:g} s; Ctrl-C ends"
    return [head, *([f"! {trouble}"] if trouble else []), "", *top_lines(sight, now)]


def _draw(lines: list[str], *, in_place: bool) -> None:
    if not in_place:
        click.echo("\n".join((*lines, "")))
        return
    size = shutil.get_terminal_size()
    click.echo(drawing(screen(lines, size.columns, size.lines - 1)), nl=False)
