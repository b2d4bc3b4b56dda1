"""The two plots of the page, as small SVG files that are the same for the same results."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from e2e.scaling.measurements import FOLDER, SIMULATED

STORMS: Final = FOLDER / "storms.svg"
GROUPS: Final = FOLDER / "groups.svg"
_SIZE: Final = (7.0, 3.6)
_SECONDS: Final = 60


def draw() -> None:
    """Write both."""
    simulated: dict[str, Any] = json.loads(SIMULATED.read_text())
    _write(STORMS, lambda axes: _storms(axes, simulated))
    _write(GROUPS, lambda axes: _groups(axes, simulated))


def _write(path: Path, fill: Any) -> None:  # noqa: ANN401 - a function of axes
    with mpl.rc_context({"svg.hashsalt": "parley", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=_SIZE, layout="tight")
        fill(figure.add_subplot())
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "make scaling"})


def _storms(axes: Axes, simulated: Mapping[str, Any]) -> None:
    for each, style in [
        *((row, "-") for row in simulated["storms"] if row["event"] != "a gateway" and row["load"] != "10 M"),
        *((row, "--") for row in simulated["roomy"] if row["load"] != "10 M"),
    ]:
        shares = each["each_second"][: _SECONDS + 1]
        shares += [shares[-1]] * (_SECONDS + 1 - len(shares))
        room = f", {each['chat_pods']:,} pods of chat" if "chat_pods" in each else ""
        axes.plot(shares, style, label=f"{each['load']}, {each['event']}{room}", linewidth=1.2)
    axes.set_xlabel("seconds after the loss")
    axes.set_ylabel("share that is back")
    axes.set_ylim(0, 1.02)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False, fontsize=8)


def _groups(axes: Axes, simulated: Mapping[str, Any]) -> None:
    for gateways in sorted({each["gateways"] for each in simulated["groups"]}):
        rows = [each for each in simulated["groups"] if each["gateways"] == gateways]
        rates = [each["per_second"] for each in rows]
        axes.plot(rates, [each["p99_ms"] for each in rows], "o-", label=f"p99, {gateways} gateways", linewidth=1.2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("messages a second in one group of 500")
    axes.set_ylabel("milliseconds until delivery")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
