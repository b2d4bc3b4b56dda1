"""`parley-operator`."""

import asyncio
import logging
import os
import sys
from importlib.metadata import version as installed_version
from typing import TextIO

import click
import structlog
import yaml
from pydantic import ValidationError

from parley_operator.cli.cluster_options import cluster_options, everywhere_option, operator_namespace_option
from parley_operator.cli.sizing.size import size


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Turn ChatCluster resources into running chat platforms, and keep them so."""


main.add_command(size)


@main.command()
def version() -> None:
    """Show the version."""
    click.echo(installed_version("parley"))


@main.command()
def crd() -> None:
    """Print the CustomResourceDefinition."""
    from parley_operator.model.crd import custom_resource_definition  # noqa: PLC0415 - keeps --help quick

    click.echo(yaml.safe_dump(custom_resource_definition(), sort_keys=False, width=120, allow_unicode=True), nl=False)


@main.command()
def reference() -> None:
    """Print the page of all conditions, reasons, events, metrics, settings and permissions."""
    from parley_operator.cli.reference.operator_reference import reference_page  # noqa: PLC0415 - keeps --help quick

    click.echo(reference_page(), nl=False)


@main.command()
@click.option("--image", default="parley.chat/operator:0.1.0", show_default=True, help="Image of the operator.")
@click.option("--services-image", default="parley.chat/services:0.1.0", show_default=True, help="Of the services.")
@click.option("--namespace", default="parley-system", show_default=True, help="Namespace of the operator.")
@click.option(
    "--watch-namespace", multiple=True, help="Watch only this one, with no rights elsewhere; may be repeated."
)
@click.option("--replicas", default=1, show_default=True, help="Processes; all but one wait to take over.")
def manifests(image: str, services_image: str, namespace: str, watch_namespace: tuple[str, ...], replicas: int) -> None:
    """Print the objects that install the operator: kubectl apply them after the definition."""
    from parley_operator.cli.install.installation import installation  # noqa: PLC0415 - keeps --help quick

    made = installation(image, services_image, namespace, watch_namespace, replicas)
    click.echo(yaml.safe_dump_all(made, sort_keys=False, width=120), nl=False)


@main.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("-n", "--namespace", help="Namespace, where the file names none.")
@click.option("--api", multiple=True, help="Optional API that is there, such as keda.sh/v1alpha1; may be repeated.")
@click.option("--image", help="Image of the chat services, where the spec names none.")
def render(file: TextIO, namespace: str | None, api: tuple[str, ...], image: str | None) -> None:
    """Print the objects that the ChatClusters in FILE become; - is standard input. No cluster is needed.

    \b
    Example: parley-operator render --api monitoring.coreos.com/v1 chatcluster.yaml
    """
    from parley_operator.cli.compare.render import run_render  # noqa: PLC0415
    from parley_operator.cli.failures import guarded  # noqa: PLC0415 - keeps --help quick

    guarded(lambda: run_render(file, namespace, api, image))


@main.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@cluster_options
@operator_namespace_option
@click.option("--image", help="Image of the chat services, where the spec names none; the operator's without it.")
def diff(
    file: TextIO,
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    operator_namespace: str,
    image: str | None,
) -> None:
    """Show what applying FILE would change of its ChatClusters' objects. Nothing is changed.

    Ends with 0 when nothing would change, with 1 when something would, with 2 when that is not known.

    \b
    Example: parley-operator diff -n chat chatcluster.yaml
    """
    from parley_operator.cli.compare.diff import run_diff  # noqa: PLC0415 - keeps --help quick
    from parley_operator.cli.failures import run_on_cluster  # noqa: PLC0415

    sys.exit(run_on_cluster(run_diff(file, namespace, kubeconfig, context, operator_namespace, image)))


@main.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@cluster_options
@click.option(
    "--wait-seconds", default=0.0, show_default=True, type=click.FloatRange(0, 3600), help="Try again for so long."
)
def apply(
    file: TextIO, namespace: str | None, kubeconfig: str | None, context: str | None, wait_seconds: float
) -> None:
    """Apply the ChatClusters in FILE, once the cluster has their definition. The chart does so after it is installed.

    \b
    Example: parley-operator apply -n chat --wait-seconds 60 chatcluster.yaml
    """
    from parley_operator.cli.failures import run_on_cluster  # noqa: PLC0415
    from parley_operator.cli.install.applying import run_apply  # noqa: PLC0415 - keeps --help quick

    run_on_cluster(run_apply(file, namespace, kubeconfig, context, wait_seconds))


@main.command()
@click.option("--deployment", default="parley-operator", show_default=True, help="Deployment of the operator.")
@click.option(
    "--timeout-seconds", default=120.0, show_default=True, type=click.FloatRange(1, 3600), help="Longest it may take."
)
@click.option("--kubeconfig", type=click.Path(exists=True, dir_okay=False), help="As kubectl's; else the pod's own.")
@click.option("--context", help="Context of the kubeconfig.")
def leave(deployment: str, timeout_seconds: float, kubeconfig: str | None, context: str | None) -> None:
    """Prepare for the operator's removal: end it, and remove what only it could remove later.

    Where it is, and which namespaces it watches, are the settings of `run`. The chart does so before it is uninstalled.

    \b
    Example: PARLEY_OPERATOR_NAMESPACE=parley-system parley-operator leave --timeout-seconds 60
    """
    from parley_operator.cli.failures import run_on_cluster  # noqa: PLC0415 - keeps --help quick
    from parley_operator.cli.install.leaving import run_leave  # noqa: PLC0415

    run_on_cluster(run_leave(deployment, timeout_seconds, kubeconfig, context))


@main.command()
@click.argument("name", required=False)
@cluster_options
@everywhere_option
def status(
    name: str | None,
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    everywhere: bool,  # noqa: FBT001 - click passes flags by name
) -> None:
    """Show where the ChatCluster NAME stands, or all of a namespace. Ends with 0 when all are Available.

    \b
    Example: parley-operator status -n chat
    """
    from parley_operator.cli.failures import run_on_cluster  # noqa: PLC0415 - keeps --help quick
    from parley_operator.cli.show.status import run_status  # noqa: PLC0415

    if name and everywhere:
        raise click.UsageError("name a ChatCluster, or use --all-namespaces, but not both")
    sys.exit(run_on_cluster(run_status(name, namespace, kubeconfig, context, everywhere=everywhere)))


@main.command()
@click.argument("name")
@cluster_options
@operator_namespace_option
@click.option("--output", type=click.Path(dir_okay=False, writable=True), help="Name of the zip file.")
def report(
    name: str,
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    operator_namespace: str,
    output: str | None,
) -> None:
    """Collect what helps to find a fault of the ChatCluster NAME in a zip file, without secrets.

    \b
    Example: parley-operator report -n chat chat --output chat.zip
    """
    from parley_operator.cli.failures import run_on_cluster  # noqa: PLC0415 - keeps --help quick
    from parley_operator.cli.support.support_report import run_report  # noqa: PLC0415

    run_on_cluster(run_report(name, namespace, kubeconfig, context, operator_namespace, output))


@main.command()
@cluster_options
@everywhere_option
@click.option("--interval", default=2.0, show_default=True, type=click.FloatRange(0.2, 3600), help="Seconds between.")
@click.option("--once", is_flag=True, help="Print the table once.")
def top(
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    everywhere: bool,  # noqa: FBT001 - click passes flags by name
    interval: float,
    once: bool,  # noqa: FBT001
) -> None:
    """Watch ChatClusters, their parts, connections, lag, and gateways that send their clients away.

    \b
    Example: parley-operator top -A --interval 5
    """
    from parley_operator.cli.failures import run_on_cluster  # noqa: PLC0415 - keeps --help quick
    from parley_operator.cli.show.top import run_top  # noqa: PLC0415

    run_on_cluster(run_top(namespace, kubeconfig, context, interval, everywhere=everywhere, once=once))


@main.command()
@click.option("--kubeconfig", type=click.Path(exists=True, dir_okay=False), help="As kubectl's; else the pod's own.")
@click.option("--context", help="Context of the kubeconfig.")
def run(kubeconfig: str | None, context: str | None) -> None:
    """Run the operator until a signal."""
    from parley_operator.settings import load_settings  # noqa: PLC0415 - keeps --help quick
    from parley_operator.watch.operator import Operator  # noqa: PLC0415

    try:
        settings = load_settings()
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            name = "_".join(("PARLEY_OPERATOR", *(str(part) for part in mistake["loc"]))).upper()
            click.echo(f"{name} is {mistake['input']!r}: {mistake['msg']}", err=True)
        sys.exit(2)
    _configure_log(settings.log_level)

    async def work() -> str:
        return await Operator(settings, kubeconfig, context).run()

    with asyncio.Runner() as runner:
        failed = runner.run(work())
        if failed:
            click.echo(f"parley-operator stopped: {failed}", err=True)
        sys.stdout.flush()
        sys.stderr.flush()
        # The lease is given back and nothing is written any more. Threads that wait for a server which does not
        # answer would hold the process for as long as their drivers' deadlines.
        os._exit(1 if failed else 0)


def _configure_log(level: str) -> None:
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
    )
