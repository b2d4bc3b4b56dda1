"""`python -m e2e.checker HISTORY.jsonl …`: exit code 0 when no promise was broken, 1 when one was."""

import sys
from itertools import chain
from pathlib import Path

from e2e.checker.check import check
from e2e.checker.history import read_history

_SHOWN = 50


def main(paths: list[str]) -> int:
    """Check the events of all files together."""
    if not paths:
        sys.stderr.write("usage: python -m e2e.checker HISTORY.jsonl …\n")
        return 2
    report = check(chain.from_iterable(read_history(Path(path)) for path in paths))
    for violation in report.violations[:_SHOWN]:
        sys.stdout.write(f"{violation.kind}: {violation.detail}\n")
    sys.stdout.write(report.summary() + "\n")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
