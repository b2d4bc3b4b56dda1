"""Where the command `parley-operator` begins: before anything that takes time, it learns how to end.

In a container it is process 1, to which the kernel delivers SIGTERM only when somebody listens. A pod that is told to
go while it still imports would not hear of it, and be waited for until its whole grace period is over.
"""

import signal
import sys
from types import FrameType
from typing import Final

_TERMINATED: Final = 128 + signal.SIGTERM


def main() -> None:
    """Run the command line; until a command listens for itself, SIGTERM ends the process at once."""
    signal.signal(signal.SIGTERM, _end)
    from parley_operator.cli.main import main as run  # noqa: PLC0415 - takes a second, in which a signal may come

    run()


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(_TERMINATED)
