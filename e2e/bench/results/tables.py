"""A table for each workload: one line for each product and for each thing that was varied."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from e2e.bench.results.record import KEPT_UP
from e2e.bench.results.summary import Figure, Summary


@dataclass(frozen=True, slots=True)
class Table:
    """The workloads whose names begin like this, and the metrics that are shown of them."""

    begins: str
    title: str
    metrics: tuple[str, ...]


TABLES: Final = (
    Table(
        "W1",
        "Pairs who talk at a steady rate",
        (
            "delivered p50",
            "delivered p99",
            "delivered p99.9",
            "acknowledged p50",
            "acknowledged p99",
            "server CPU per message",
            KEPT_UP,
        ),
    ),
    Table(
        "W2",
        "Pairs who answer each delivery with the next message",
        (
            "largest rate with p99 <= 300 ms",
            "rate",
            "delivered p50",
            "delivered p99",
            "server CPU per message",
        ),
    ),
    Table(
        "W3",
        "A group of 500, all online, 20 messages a second",
        ("to the last member p50", "to the last member p99", "server CPU per message", KEPT_UP),
    ),
    Table(
        "W4",
        "Idle connections",
        ("memory of each in the front process", "server CPU at rest", "connected a second"),
    ),
    Table(
        "W5",
        "Everybody's connection breaks while others talk on",
        (
            "all back after",
            "others' p99, times that of the calm",
            "store reads per 100 resumes",
            "delivered p99",
        ),
    ),
    Table(
        "W6",
        "Pages of 50 through a long history",
        ("page of 50 p50", "page of 50 p99", "messages in the conversation", "server CPU per message"),
    ),
    Table(
        "W7",
        "Every message is read, and its sender told",
        ("known as read p50", "known as read p99", "receipts heard per message", "delivered p99"),
    ),
    Table(
        "W8",
        "Five of a hundred members stop reading",
        ("healthy p99 beside stalled readers, times that without", "delivered p99"),
    ),
    Table(
        "W9",
        "What a message costs as everything grows tenfold",
        ("server CPU per message", "deliveries per message", "delivered p99", "page of 50 p99"),
    ),
)


def shows(workload: str, metric: str) -> bool:
    """Whether a table shows this number; that a server kept up is none."""
    return metric != KEPT_UP and any(workload.startswith(each.begins) and metric in each.metrics for each in TABLES)


def table_of(summary: Summary, table: Table, behind: Callable[[tuple[str, str, str]], str]) -> str:
    """The section; empty when nothing of it was measured. Columns that nobody has are left out.

    `behind` says what stands behind the number of a workload, product and metric.
    """
    workloads = summary.workloads(table.begins)
    measured = {metric: found.unit for (workload, _, metric), found in summary.figures.items() if workload in workloads}
    shown = [metric for metric in table.metrics if metric in measured]
    if not shown:
        return ""
    lines = []
    for workload in workloads:
        for product in summary.products:
            cells = {metric: summary.figure(workload, product, metric) for metric in shown}
            if any(cell is not None for cell in cells.values()):
                values = " | ".join(
                    _cell(metric, cell, behind((workload, product, metric))) for metric, cell in cells.items()
                )
                lines.append(f"| {workload} | {product} | {values} |")
    heads = " | ".join(f"{metric}, {measured[metric]}" if measured[metric] else metric for metric in shown)
    rule = "|---" * (len(shown) + 2) + "|"
    body = "\n".join(lines)
    return f"## {table.begins}: {table.title}\n\n| workload | product | {heads} |\n{rule}\n{body}"


def _cell(metric: str, figure: Figure | None, behind: str) -> str:
    if figure is None:
        return "-"
    if metric == KEPT_UP:
        return "yes" if min(figure.values) == 1 else "no" if max(figure.values) == 0 else "at times"
    return f"{figure} {behind}".rstrip()
