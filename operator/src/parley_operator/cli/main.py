"""`parley-operator`."""

import asyncio
import logging
import os
import sys
from importlib.metadata import version as installed_version

import click
import structlog
import yaml
from pydantic import ValidationError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Turn ChatCluster resources into running chat platforms, and keep them so."""


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
@click.option("--image", default="parley.chat/operator:0.1.0", show_default=True, help="Image of the operator.")
@click.option("--services-image", default="parley.chat/services:0.1.0", show_default=True, help="Of the services.")
@click.option("--namespace", default="parley-system", show_default=True, help="Namespace of the operator.")
@click.option(
    "--watch-namespace", multiple=True, help="Watch only this one, with no rights elsewhere; may be repeated."
)
@click.option("--replicas", default=1, show_default=True, help="Processes; all but one wait to take over.")
def manifests(image: str, services_image: str, namespace: str, watch_namespace: tuple[str, ...], replicas: int) -> None:
    """Print the objects that install the operator: kubectl apply them after the definition."""
    from parley_operator.cli.installation import installation  # noqa: PLC0415 - keeps --help quick

    made = installation(image, services_image, namespace, watch_namespace, replicas)
    click.echo(yaml.safe_dump_all(made, sort_keys=False, width=120), nl=False)


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
