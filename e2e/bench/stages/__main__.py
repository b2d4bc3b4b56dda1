"""`python -m e2e.bench.stages`: measure the stages on real servers and embedded, and write their page."""

import argparse
import sys
import tempfile
from pathlib import Path

import uvloop

from e2e.bench.stages.page import page_of
from e2e.bench.stages.rows import rows_document
from e2e.bench.stages.runs import embedded, real, to_stderr


def main() -> int:
    """Run everything; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m e2e.bench.stages", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run of the whole (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=40_000, help="of each stage alone (default: %(default)s)")
    parser.add_argument("--page", type=Path, help="page to write; else it is printed")
    parser.add_argument("--measurements", type=Path, help="file for the scaling model to write")
    parser.add_argument("--only", choices=["real", "embedded"], help="leave the other one out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        measured = []
        if options.only != "embedded":
            measured += uvloop.run(real(Path(folder) / "real", options.seconds, options.messages, to_stderr))
        if options.only != "real":
            measured += uvloop.run(embedded(Path(folder) / "embedded", options.seconds, to_stderr))
    page = page_of(measured, options.seconds)
    if options.measurements:
        options.measurements.write_text(rows_document(measured))
    if options.page:
        options.page.write_text(page)
    else:
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
