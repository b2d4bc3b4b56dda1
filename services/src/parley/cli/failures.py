"""From errors to exit codes: one sentence on stderr, never a traceback for what a person can mend."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Any, NoReturn, TypeVar

import click

from parley.domain.errors import ErrorCode, ParleyError
from parley.runtime.misfit import Misfit
from parley.runtime.settings import InvalidSettings

_Result = TypeVar("_Result")


class ExitCode(IntEnum):
    """What a script can tell from how a command ended; 0 is success, 2 is click's own code for wrong usage.

    After UNAVAILABLE the same command may succeed later; after MISFIT a person must decide first.
    """

    FAILURE = 1
    SETTINGS = 2
    UNAVAILABLE = 3
    MISFIT = 4
    INTERRUPTED = 130


def guarded(call: Callable[[], _Result]) -> _Result:
    """Call, and turn what went wrong into a message and an exit code."""
    try:
        return call()
    except InvalidSettings as error:
        _fail(ExitCode.SETTINGS, str(error))
    except ParleyError as error:
        retryable = error.code in {ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED}
        _fail(ExitCode.UNAVAILABLE if retryable else ExitCode.FAILURE, f"{error.code}: {error.message}")
    except Misfit as error:
        _fail(ExitCode.MISFIT, str(error))
    except OSError as error:
        _fail(ExitCode.UNAVAILABLE, str(error))
    except KeyboardInterrupt:
        _fail(ExitCode.INTERRUPTED, "interrupted")


def run_async(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine on the fastest event loop that is installed."""

    def run() -> _Result:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)

    return guarded(run)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not installable everywhere
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _fail(code: ExitCode, message: str) -> NoReturn:
    click.echo(f"parley: {message}", err=True)
    sys.exit(code)
