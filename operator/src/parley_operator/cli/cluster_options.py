"""Options that the commands on a cluster share; quick to import."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
OPERATOR_NAMESPACE: Final = "parley-system"


def cluster_options(command: _Command) -> _Command:
    """How to reach the cluster, and the namespace: what kubectl calls them."""
    options = (
        click.option("-n", "--namespace", help="Namespace; that of the context without it."),
        click.option("--kubeconfig", type=click.Path(exists=True, dir_okay=False), help="As kubectl's."),
        click.option("--context", help="Context of the kubeconfig; the current one without it."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def everywhere_option(command: _Command) -> _Command:
    """All namespaces."""
    return click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces.")(command)


def operator_namespace_option(command: _Command) -> _Command:
    """Where the operator itself is."""
    return click.option(
        "--operator-namespace", default=OPERATOR_NAMESPACE, show_default=True, help="Namespace of the operator."
    )(command)
