"""`parley-operator`."""

import asyncio
import logging
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
@click.option("--kubeconfig", type=click.Path(exists=True, dir_okay=False), help="As kubectl's; else the pod's own.")
@click.option("--context", help="Context of the kubeconfig.")
def run(kubeconfig: str | None, context: str | None) -> None:
    """Run the operator until a signal."""
    from parley_operator.settings import OperatorSettings  # noqa: PLC0415 - keeps --help quick
    from parley_operator.watch.operator import Operator  # noqa: PLC0415

    try:
        settings = OperatorSettings()
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            name = "_".join(("PARLEY_OPERATOR", *(str(part) for part in mistake["loc"]))).upper()
            click.echo(f"{name} is {mistake['input']!r}: {mistake['msg']}", err=True)
        sys.exit(2)
    _configure_log(settings.log_level)

    async def work() -> str:
        return await Operator(settings, kubeconfig, context).run()

    failed = asyncio.run(work())
    if failed:
        click.echo(f"parley-operator stopped: {failed}", err=True)
        sys.exit(1)


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
