"""`python -m e2e.operator_bench --page docs/benchmark-operator.md`."""

import asyncio
import datetime as dt
import os
import platform
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from e2e.cluster.host.host_provider import HostProvider
from e2e.cluster.kubectl import Kubectl
from e2e.images.build import PROJECT
from e2e.operator_bench import measurements as measure
from e2e.process_usage import cpu_seconds, resident_bytes
from e2e.tests.operator.chat_clusters import tokens
from e2e.tests.operator.local_operator import LocalOperator, grant
from parley_operator.kube.access import Access
from parley_operator.kube.client import KubernetesClient

NAMESPACE = "bench"
SETTLE_S = 90
REST_S = 360
"""In so long every ChatCluster is looked at and every object is listed again: those that were made together are looked
at together, and less would tell the time between two looks."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    target: str
    measured: str


@click.command()
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the table there.")
@click.option("--clusters", default=300, show_default=True, help="ChatClusters at once.")
def main(page: Path | None, clusters: int) -> None:
    """Measure the operator on an API server of its own, whose nodes and controllers stand still."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        provider = HostProvider(Path(folder) / "node", bound=True)
        provider.up(click.echo)
        try:
            rows = asyncio.run(_measure(provider, Path(folder), clusters))
        finally:
            provider.down()
    text = _table(rows)
    click.echo(text)
    if page:
        page.write_text(_page(text, clusters))


async def _measure(provider: HostProvider, folder: Path, clusters: int) -> list[Row]:
    kubectl, info = provider.kubectl, provider.info()
    await _prepare(kubectl)
    operator = LocalOperator(kubectl, info, NAMESPACE, folder).start().until_leading()
    for component in ("kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"):
        await asyncio.to_thread(
            subprocess.run, [*provider.enter(), "pkill", "-STOP", "-f", f"/{component} "], check=False
        )
    try:
        async with KubernetesClient(await Access(info.kubeconfig).load()) as kube:
            idle = resident_bytes(operator.pid)
            firsts = await measure.first_status(kube, NAMESPACE, 30)
            one = await measure.children_of_one(kube, NAMESPACE)
            all_of_them = await measure.many(kube, NAMESPACE, clusters)
            memory = resident_bytes(operator.pid)
        click.echo(f"{clusters} converged in {all_of_them:.1f} s; now it rests")
        await asyncio.sleep(SETTLE_S)
        since, before = dt.datetime.now(dt.UTC), cpu_seconds(operator.pid)
        await asyncio.sleep(REST_S)
        share = (cpu_seconds(operator.pid) - before) / REST_S
        written = measure.writes_since(info.audit_log or "", since)
    finally:
        operator.kill()
    p99 = statistics.quantiles(firsts, n=100)[98]
    return [
        Row(
            "first status after create, p50 and p99 of 30",
            "p99 <= 1 s",
            f"{statistics.median(firsts):.0f} ms, {p99:.0f} ms",
        ),
        Row(f"all {measure.CHILDREN_OF_ONE} objects of one ChatCluster", "<= 3 s", f"{one:.2f} s"),
        Row(f"{clusters} ChatClusters made at once, all converged", "<= 90 s", f"{all_of_them:.1f} s"),
        Row(
            "resident memory with none, and with all of them",
            "<= 250 MB",
            f"{idle / 1e6:.0f} MB, {memory / 1e6:.0f} MB",
        ),
        Row(f"at rest with all of them, {REST_S} s: writes but the Lease", "0", f"{len(written)}"),
        Row("at rest with all of them: processor", "<= 3 % of a core", f"{share:.1%}"),
    ]


async def _prepare(kubectl: Kubectl) -> None:
    kubectl("apply", "--server-side", "-f", str(PROJECT / "crds"))
    await measure.until("the definition is served", measure.served(kubectl), 60)
    kubectl("create", "namespace", NAMESPACE)
    grant(kubectl, NAMESPACE)
    kubectl.apply(tokens(NAMESPACE))


def _table(rows: list[Row]) -> str:
    lines = ["| what | target | measured |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.target} | {row.measured} |" for row in rows)]) + "\n"


def _page(table: str, clusters: int) -> str:
    return (
        "# How quick and how quiet the operator is\n\n"
        f"Measured by `make bench-operator` with {clusters + 31} ChatClusters on a real API server and etcd of one"
        f" machine with {os.cpu_count()} processors, shared with the operator and the measuring process; controllers,"
        " scheduler and kubelet stand still, so there are no pods. Kafka, message store and Redis are named but not"
        f" there, so the operator also asks for each of them again and again. Python {platform.python_version()}.\n\n"
        f"{table}"
    )


if __name__ == "__main__":
    main()
