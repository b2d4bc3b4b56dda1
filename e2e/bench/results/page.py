"""The page of the documentation, made from result files and nothing else."""

from collections.abc import Sequence

from e2e.bench.results.compare import STATED, differences
from e2e.bench.results.record import Record
from e2e.bench.results.summary import Summary
from e2e.bench.results.tables import TABLES, table_of
from e2e.bench.results.targets import AIMS, costs_of, figure_of


def page_of(record: Record, again: Record | None, plots: Sequence[str]) -> str:
    """Everything; `again` is a second run of the same, by which it is seen how far numbers repeat."""
    summary = Summary(record)
    parts = [
        _head(record),
        _targets(summary),
        *(f"![{name.partition('.')[0]}](benchmarks/{name})" for name in plots),
        *(table_of(summary, table) for table in TABLES),
        _faults(record),
        _products(record),
        _repeats(record, again),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(record: Record) -> str:
    about = record.environment
    return f"""<!-- Made by `python -m e2e.bench page` from docs/measurements; measure again instead of changing it. -->
# Benchmarks

Parley beside the products that people use today: the same workloads and machine, in turns,
{about["rounds"]} rounds. {about["machine"]}, which the servers, their engines
and the load generator share; {about["system"]}, Python {about["python"]}, {about["date"]}.
Every product keeps its history on disk. None uses TLS.

The generator sends when a message is due, whatever the server does, and latencies count from then. It numbers what it
sends and compares what every receiver saw: a number with a lost, doubled or reordered message does not count, and is
named below instead. Each number is the median of the rounds; ± is half the distance of the outermost rounds.

```sh
make bench        # about 15 minutes, reduced
make bench-full   # hours: longer runs, more people
```"""


def _targets(summary: Summary) -> str:
    rows, reasons = [], []
    for aim in AIMS:
        figure = figure_of(summary, aim, aim.product)
        shown = "not measured" if figure is None else f"{figure} {aim.unit}"
        met = "" if figure is None else "met" if aim.met(figure) else "missed"
        peers = ", ".join(
            f"{product} {found}"
            for product in summary.products
            if not product.startswith("Parley") and (found := figure_of(summary, aim, product)) is not None
        )
        sign = ">=" if aim.more else "<="
        rows.append(f"| {aim.what} | {sign} {aim.limit:,g} {aim.unit} | {shown} | {met} | {peers or '-'} |")
        if figure is not None and not aim.met(figure) and aim.limits:
            reasons.append(f"* **{aim.what}.** {aim.limits} {costs_of(summary, aim.costs, aim.product)}".rstrip())
    table = "\n".join(rows)
    why = "\n\nWhat limits those that are missed, and what was tried:\n\n" + "\n".join(reasons) if reasons else ""
    return f"## Targets\n\n| what | target | measured | | peers |\n|---|---|---|---|---|\n{table}{why}"


def _faults(record: Record) -> str:
    lines = list(dict.fromkeys(f"* {fault.product}, {fault.workload}: {fault.why}" for fault in record.faults))
    return "## What does not count\n\n" + "\n".join(lines) if lines else ""


def _products(record: Record) -> str:
    rows = "\n".join(
        f"| {name} | {facts.version} | {facts.engine} | {facts.durability} | {facts.configuration} |"
        for name, facts in record.products.items()
    )
    return f"""## The products

| product | version | engine | when it acknowledges | other than its defaults |
|---|---|---|---|---|
{rows}"""


def _repeats(record: Record, again: Record | None) -> str:
    stated = ", ".join(f"{factor:g} times for {unit}" for unit, factor in STATED.items())
    text = f"""## How far numbers repeat

Two runs are said to agree when no number differs by more than a factor that depends on its unit: {stated}.
`python -m e2e.bench compare ONE OTHER` judges two result files by that."""
    if again is None:
        return text
    found = differences(record, again)
    apart = [one for one in found if not one.agrees]
    worst = "\n".join(
        f"* {one.product}, {one.workload}, {one.metric}: {one.one:.3g} and {one.other:.3g}" for one in apart
    )
    return f"""{text} Of {len(found)} numbers that two runs
have in common, {len(found) - len(apart)} agree.{" These do not:" if apart else ""}

{worst}"""
