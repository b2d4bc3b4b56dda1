"""Plots of a run as SVG, drawn alike every time so that files change only with their numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from e2e.bench.generator.latencies import Latencies
from e2e.bench.results.record import Record
from e2e.bench.results.summary import Summary

PLOTS: Final = ("latency.svg", "throughput.svg", "memory.svg")
_PERCENTS: Final = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 100.0)


def draw(record: Record, folder: Path) -> list[Path]:
    """Write the plots for which there are numbers; their files."""
    mpl.rcParams["svg.hashsalt"] = "parley"
    mpl.rcParams["svg.fonttype"] = "none"
    folder.mkdir(parents=True, exist_ok=True)
    summary = Summary(record)
    drawn = [_latencies(record, "W1 200/s", folder / "latency.svg")]
    bars = {
        "throughput.svg": ("W2", "largest rate with p99 <= 300 ms", "messages a second, each within 300 ms (p99)"),
        "memory.svg": (
            "W4",
            "memory of each in the front process",
            "KiB of the front process for each idle connection",
        ),
    }
    drawn += [_bars(summary, folder / name, *what) for name, what in bars.items()]
    return [file for file in drawn if file is not None]


def _latencies(record: Record, workload: str, file: Path) -> Path | None:
    """Percentiles of the delivery of each product, over a scale that widens the tail."""
    drawing, axes = _sheet()
    for product in record.products:
        encoded = record.histograms.get(f"{workload}|{product}|delivered")
        if encoded is not None:
            latencies = Latencies(encoded)
            axes.plot(range(len(_PERCENTS)), [latencies.at(each) for each in _PERCENTS], marker=".", label=product)
    if not axes.lines:
        return None
    axes.set_xticks(range(len(_PERCENTS)), [f"p{each:g}" for each in _PERCENTS])
    axes.set_yscale("log")
    axes.set_ylabel("delivered within, ms")
    axes.set_title(f"{workload}: from the moment at which a message was due")
    axes.legend()
    return _write(drawing, file)


def _bars(summary: Summary, file: Path, begins: str, metric: str, title: str) -> Path | None:
    found: Mapping[str, float] = {
        product: figure.median
        for workload in summary.workloads(begins)
        for product in summary.products
        if (figure := summary.figure(workload, product, metric)) is not None
    }
    if not found:
        return None
    drawing, axes = _sheet()
    bars = axes.barh(list(found), list(found.values()))
    axes.bar_label(bars, [f"{value:,.0f}" if value >= 100 else f"{value:.1f}" for value in found.values()])  # noqa: PLR2004
    axes.invert_yaxis()
    axes.set_title(title)
    return _write(drawing, file)


def _sheet() -> tuple[Drawing, Axes]:
    drawing = Drawing(figsize=(8, 4), layout="constrained")
    return drawing, drawing.add_subplot()


def _write(drawing: Drawing, file: Path) -> Path:
    drawing.savefig(file, metadata={"Date": None})
    return file
