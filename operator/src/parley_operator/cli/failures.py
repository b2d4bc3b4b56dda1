"""From errors to exit code 2 and one clear line: what happened, and what to do next."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn, TypeVar

import click

from parley_operator.cli.compare.documents import BadInputError
from parley_operator.kube.errors import KubeError, NotFound

_Result = TypeVar("_Result")
EXIT_ERROR: Final = 2
EXIT_INTERRUPTED: Final = 130
_UNAUTHORIZED, _FORBIDDEN = 401, 403


class CommandError(Exception):
    """A command that cannot go on; the text says why, and what to do next."""


def advice(error: KubeError) -> str:
    """What an answer of the API server, or none, means for the person at the command line."""
    if error.status == 0:
        return f"{error.message}: check that the cluster runs, and that --kubeconfig and --context name it"
    if error.status == _UNAUTHORIZED:
        return "the API server does not accept these credentials: log in again, or name another --context"
    if error.status == _FORBIDDEN:
        return f"not allowed: {error.message}: ask the owner of the cluster for this permission"
    if isinstance(error, NotFound):
        return f"not found: {error.message} ({error.call})"
    return f"the API server refuses {error.call}: {error.message}"


def guarded(call: Callable[[], _Result]) -> _Result:
    """Call; what a person can mend becomes a message and an exit code."""
    try:
        return call()
    except KubeError as error:
        fail(advice(error))
    except (BadInputError, CommandError, OSError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def run_on_cluster(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The same for work that asks a cluster."""
    return guarded(lambda: asyncio.run(work))


def fail(text: str) -> NoReturn:
    """Say what is wrong, and end."""
    for line in text.splitlines():
        click.echo(f"error: {line}", err=True)
    sys.exit(EXIT_ERROR)


def note(text: str) -> None:
    """Tell a person something that is no part of the result."""
    click.echo(f"note: {text}", err=True)
