"""The page of the documentation, made from result files and nothing else."""

from collections.abc import Mapping, Sequence

from e2e.bench.results.compare import differences, table_of_those_apart, verdict
from e2e.bench.results.kinds import Kind
from e2e.bench.results.record import ADDED, TOOK, Record
from e2e.bench.results.spread import DEVIATIONS, LEAST_FACTOR, Path, Spreads
from e2e.bench.results.summary import Summary
from e2e.bench.results.tables import TABLES, table_of
from e2e.bench.results.targets import AIMS, Aim, costs_of, path_of


def page_of(record: Record, again: Record | None, plots: Sequence[str]) -> str:
    """Everything; `again` is a second run of the same, by which it is seen how far numbers repeat."""
    summary, spreads = Summary(record), Spreads(record)

    def behind(path: Path) -> str:
        spread = spreads.of(path)
        return "" if spread is None else f"({spread})"

    parts = [
        _head(record),
        _targets(summary, spreads),
        *(f"![{name.partition('.')[0]}](benchmarks/{name})" for name in plots),
        *(table_of(summary, table, behind) for table in TABLES),
        _faults(record),
        _products(record),
        _repeats(record, spreads, again),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(record: Record) -> str:
    about = record.environment
    return f"""<!-- Made by `python -m e2e.bench page` from docs/measurements; measure again instead of changing it. -->
# Benchmarks

Parley beside the products that people use today: the same workloads and machine, in turns,
{about["rounds"]} rounds. {about["machine"]}, which the servers, their engines
and the load generator share; {about["system"]}, Python {about["python"]}, {about["date"]}.{_took(about)}
Every product keeps its history on disk. None uses TLS. One that would take minutes for what others do in seconds gets a
smaller group, fewer people or a shorter history, and its rows say so.

The generator sends when a message is due, whatever the server does, and latencies count from then. It numbers what it
sends and compares what every receiver saw: a number with a lost, doubled or reordered message does not count, and is
named below instead. Each number is the median of the rounds; (1.5x) behind it says that another run's is at most 1.5
times it and at least a 1.5th of it, as worked out from the rounds of this one ([how](#how-far-numbers-repeat)).

```sh
make bench        # about 10 minutes, reduced
make bench-full   # hours: longer runs, more people
```"""


def _took(about: Mapping[str, str]) -> str:
    if TOOK not in about:
        return ""
    text = f" The run took {_minutes(about[TOOK])}."
    if ADDED in about:
        text += f"\nSome was measured afterwards, in {_minutes(about[ADDED])} and perhaps fewer rounds."
    return text


def _minutes(seconds: str) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s"


def _targets(summary: Summary, spreads: Spreads) -> str:
    rows, reasons = [], []
    for aim in AIMS:
        sign = ">=" if aim.more else "<="
        rows.append(f"| {aim.what} | {sign} {aim.limit:,g} {aim.unit} | {_judged(summary, spreads, aim)} |")
        path = path_of(summary, aim, aim.product)
        if path is not None and not aim.met(summary.figures[path].median):
            costs = costs_of(summary, aim.costs.replace("*", path[0]), aim.product)
            reasons.append(f"* **{aim.what}.** {aim.limits} {costs}".rstrip())
    table = "\n".join(rows)
    why = "\n\nWhat limits those that are missed, and what was tried:\n\n" + "\n".join(reasons) if reasons else ""
    return f"""## Targets

Within its spread: another run may come out otherwise.

| what | target | measured | | peers |
|---|---|---|---|---|
{table}{why}"""


def _judged(summary: Summary, spreads: Spreads, aim: Aim) -> str:
    """What was measured, whether it is what was promised, and what peers have: of the same workload, or named."""
    path = path_of(summary, aim, aim.product)
    workload = path[0] if path is not None else ""
    peers = _peers(summary, aim, workload) or "-"
    if path is None:
        return f"not measured | | {peers}"
    figure, spread = summary.figures[path], spreads.of(path)
    named = f"in {workload}" if aim.workload.endswith("*") else ""
    shown = " ".join(part for part in (str(figure), aim.unit, f"({spread})" if spread else "", named) if part)
    return f"{shown} | {aim.judged(figure, spread)} | {peers}"


def _peers(summary: Summary, aim: Aim, workload: str) -> str:
    """The same number of others; what was measured in another workload of the kind says in which."""
    shown = []
    for product in summary.products:
        path = None if product.startswith("Parley") else path_of(summary, aim, product, workload)
        if path is not None:
            elsewhere = f" in {path[0]}" if workload and path[0] != workload else ""
            shown.append(f"{product} {summary.figures[path]}{elsewhere}")
    return ", ".join(shown)


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


def _repeats(record: Record, spreads: Spreads, again: Record | None) -> str:
    kinds = "\n".join(
        f"| {kind} | {len(each)} | {each[0]} | {each[-1]} |" for kind in Kind if (each := spreads.of_kind(kind))
    )
    if not kinds:
        return ""
    text = f"""## How far numbers repeat

Behind each number stands how far another run's may be from it: a factor, or ± a difference where it may be nothing.
It is {DEVIATIONS:g} standard deviations between rounds, three parts what is usual for its kind and one part its own, so
that all numbers of two runs agree and not only most; and at least {LEAST_FACTOR:g}x, which a day may bring.
A p50 has half of the messages on either side and repeats well; a p99 has a hundredth of them beyond it, so that its
factor is at least what 95 % of runs keep by the binomial distribution, and where another run's may lie beyond the
largest time seen ("few messages", below about 770) it is a kind of its own.

| kind | numbers | from | to |
|---|---|---|---|
{kinds}

Two runs agree when no number is farther apart than the larger of what the two state.
`python -m e2e.bench compare ONE OTHER` judges two result files by exactly that."""
    if again is None:
        return text
    found = differences(record, again)
    apart = table_of_those_apart(found)
    return f"{text} Beside a second run of some of it: {verdict(found)}." + (f"\n\n{apart}" if apart else "")
