"""`parley-operator`."""

from importlib.metadata import version as installed_version

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Turn ChatCluster resources into running chat platforms, and keep them so."""


@main.command()
def version() -> None:
    """Show the version."""
    click.echo(installed_version("parley"))
