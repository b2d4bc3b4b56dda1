"""`python -m e2e.bench`: measure all products, write the result file and the page made from it."""

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvloop

from e2e.bench.contract import Product
from e2e.bench.plan import Plan
from e2e.bench.products.choice import FEW, PRODUCTS, product_named
from e2e.bench.results.compare import differences, table_of_those_apart, verdict
from e2e.bench.results.page import page_of
from e2e.bench.results.plots import draw
from e2e.bench.results.record import Record
from e2e.bench.run import run
from e2e.bench.workloads.choice import GROWTH, WORKLOADS
from e2e.bench.workloads.scale import FULL, REDUCED

MEASUREMENTS: Final = Path("docs/measurements/bench.json")
_BEGAN: Final = time.monotonic()
PAGE: Final = Path("docs/benchmarks.md")


def main() -> int:
    """The command; returns the exit code."""
    options = _options()
    return int(options.command(options))


def measure(options: argparse.Namespace) -> int:
    """Run, and write the result file; the page as well if it is wanted."""
    products = _products(options.products or (PRODUCTS if options.full else FEW))
    record = Record.read(options.results) if options.add else Record()
    workloads = [workload for workload in WORKLOADS if not options.workloads or workload.name in options.workloads]
    scale = FULL if options.full else REDUCED
    scale = replace(scale, rounds=options.rounds or scale.rounds, rates=tuple(options.rates) or scale.rates)
    growth = GROWTH.name in options.workloads or (options.full and not options.workloads)
    plan = Plan(scale, products, workloads, growth)
    uvloop.run(run(plan, record, _to_stderr, lambda: record.write(options.results)))
    record.write(options.results)
    _to_stderr(f"wrote {options.results}: {len(record.rows)} numbers, {len(record.faults)} that do not count")
    for fault in record.faults:
        _to_stderr(f"does not count: {fault.product}, {fault.workload}: {fault.why}")
    return 0


def page(options: argparse.Namespace) -> int:
    """Write the page and its plots from result files."""
    record = Record.read(options.results)
    again = Record.read(options.again) if options.again.exists() else None
    plots = draw(record, options.page.with_suffix(""))
    options.page.write_text(page_of(record, again, [file.name for file in plots]))
    _to_stderr(f"wrote {options.page}")
    return 0


def compare(options: argparse.Namespace) -> int:
    """Judge two result files; 1 when a number is farther apart than is stated, or none can be compared."""
    found = differences(Record.read(options.one), Record.read(options.other))
    apart = table_of_those_apart(found)
    if apart:
        print(f"{apart}\n")
    print(verdict(found))
    return 1 if apart or not found else 0


def _products(names: Iterable[str]) -> list[Product]:
    """Those that can run here; the others are named with the reason."""
    found = []
    for name in names:
        product = product_named(name)
        missing = product.missing()
        if missing is None:
            found.append(product)
        else:
            _to_stderr(f"LEFT OUT: {product.name}: {missing}")
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m e2e.bench", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("measure", help="run the workloads and write a result file")
    one.add_argument("--full", action="store_true", help="longer runs, more people and more load")
    one.add_argument("--results", type=Path, default=MEASUREMENTS, help="file to write (default: %(default)s)")
    names = [*(each.name for each in WORKLOADS), GROWTH.name]
    one.add_argument("--products", nargs="+", choices=list(PRODUCTS), default=[], help="only these")
    one.add_argument("--workloads", nargs="+", choices=names, default=[], help="only these")
    one.add_argument("--rounds", type=int, help="how often everything is repeated (default: 2, or 3 with --full)")
    one.add_argument("--rates", nargs="+", type=int, default=[], help="messages a second of W1, in place of its own")
    one.add_argument("--add", action="store_true", help="keep what the result file holds already")
    one.set_defaults(command=measure)
    two = commands.add_parser("page", help="write the page from result files")
    two.add_argument("--results", type=Path, default=MEASUREMENTS, help="of a run (default: %(default)s)")
    two.add_argument(
        "--again", type=Path, default=MEASUREMENTS.with_name("bench-again.json"), help="of a second run of the same"
    )
    two.add_argument("--page", type=Path, default=PAGE, help="page to write (default: %(default)s)")
    two.set_defaults(command=page)
    three = commands.add_parser("compare", help="say whether two runs agree")
    three.add_argument("one", type=Path)
    three.add_argument("other", type=Path)
    three.set_defaults(command=compare)
    return parser.parse_args()


def _to_stderr(text: str) -> None:
    minutes, seconds = divmod(int(time.monotonic() - _BEGAN), 60)
    print(f"bench {minutes:02d}:{seconds:02d} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
