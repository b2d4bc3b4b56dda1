"""The measurements as a page of the documentation, with the targets beside them."""

import os
import platform as machine
from collections.abc import Sequence
from importlib.metadata import version

from e2e.bench.machine import processor
from e2e.bench.stages.measure import Measured, percentile
from e2e.bench.stages.runs import PAIRS, UNDER_WAY

_STAGES = ("gateway", "chat", "sequencer", "fanout")


def page_of(measured: Sequence[Measured], seconds: float) -> str:
    """Everything that was measured."""
    by_name = {one.name: one for one in measured}
    full = [one for one in measured if one.name.endswith("full load")]
    paced = [one for one in measured if one.name.endswith("a second")]
    parts = [
        _head(seconds),
        _targets(by_name),
        _reasons(by_name),
        _alone(by_name),
        *(_costs(one) for one in full),
        _latencies(paced),
    ]
    return "\n".join(part for part in parts if part)


def _head(seconds: float) -> str:
    return f"""# Benchmark of the stages

Made by `make bench-stages` on {os.cpu_count()} cores ({processor()}) that servers, roles and the load generator share;
Python {machine.python_version()}, Parley {version("parley")}, {machine.system()} {machine.release()}. Each run of the
whole took {seconds:.0f} s. Compare numbers of one run with each other, not with those of another machine.
"""


def _targets(by_name: dict[str, Measured]) -> str:
    rows = []
    paced, full, one = (
        by_name.get(name) for name in ("real servers, 200 a second", "real servers, full load", "embedded, full load")
    )
    if paced is not None:
        rows.append(_row("delivery p50 at 200 msg/s", "<= 8 ms", percentile(paced.delivered, 0.5) * 1e3, 8, "ms"))
        rows.append(_row("delivery p99 at 200 msg/s", "<= 40 ms", percentile(paced.delivered, 0.99) * 1e3, 40, "ms"))
    if full is not None:
        rows.append(_row("durable 1-1 messages, real servers", ">= 1,500/s", full.rate, -1_500, "/s"))
    if one is not None:
        rows.append(_row("durable 1-1 messages, embedded", ">= 4,000/s", one.rate, -4_000, "/s"))
    if (sequencer := by_name.get("sequencer")) is not None:
        rows.append(_row("sequencer, 1,000 conversations", ">= 8,000/s per core", _per_core(sequencer), -8_000, "/s"))
    table = "\n".join(rows)
    return f"## Targets\n\n| what | target | measured | |\n|---|---|---|---|\n{table}\n"


def _reasons(by_name: dict[str, Measured]) -> str:
    """Where the time goes, for targets that are missed."""
    paced, full = by_name.get("real servers, 200 a second"), by_name.get("real servers, full load")
    if paced is None or full is None:
        return ""
    cores = sum(paced.cpu.values()) / paced.seconds
    each = sum(paced.cpu.values()) / max(1, paced.messages) * 1e3
    at_full = sum(full.cpu.values()) / max(1, full.messages) * 1e3
    return f"""## Where the time goes

* **Latency on real servers.** At 200 messages a second nothing is batched: a message costs {each:.1f} ms of CPU over
  all processes, against {at_full:.1f} ms at full load, since every wake-up of a process serves one message alone.
  {cores:.1f} of {os.cpu_count()} cores are busy then, and a message waits for one at every hop. More cores, or servers
  on machines of their own, move this.
* **Full load on real servers.** Cassandra has the largest share, with one request of three rows for each conversation
  of a batch; then come the roles in Python. All of them together fill the cores.
* **Sequencer.** About half of its time is spent in the store's driver: it binds three statements for each message, and
  a request holds ten conversations at most (Cassandra warns above). Larger batches, or a driver with less to do for
  each statement, move this.
* **Embedded.** All roles share one Python process, thus one core; `parley run` on real servers is the way to more.
"""


def _row(what: str, target: str, value: float, limit: float, unit: str) -> str:
    """A positive limit is the most that is allowed, a negative one the least."""
    met = value <= limit if limit > 0 else value >= -limit
    shown = f"{value:.1f} {unit}" if limit > 0 else f"{value:,.0f}{unit}"
    return f"| {what} | {target} | {shown} | {'met' if met else 'missed'} |"


def _per_core(measured: Measured) -> float:
    """Messages per second of CPU time of the stage itself."""
    return measured.messages / measured.cpu[measured.name]


def _alone(by_name: dict[str, Measured]) -> str:
    rows = [
        f"| {name} | {one.messages:,} | {one.rate:,.0f} | {one.cost(name):.0f} | {_per_core(one):,.0f} |"
        for name in _STAGES
        if (one := by_name.get(name)) is not None
    ]
    if not rows:
        return ""
    table = "\n".join(rows)
    return f"""## Each stage alone, on the real servers

The gateway gets sends on {PAIRS} sockets and a chat service acknowledges them that does nothing. Chat gets batches of
sends at its internal port and answers when Kafka has them. Sequencer and fanout work off what chat left: 1,000
conversations.

| stage | messages | messages a second | CPU us a message | messages a CPU second |
|---|---|---|---|---|
{table}
"""


def _costs(one: Measured) -> str:
    """Who used the CPU."""
    rows = "\n".join(
        f"| {name} | {one.cost(name):.0f} | {used / one.seconds * 100:.0f} % |"
        for name, used in sorted(one.cpu.items(), key=lambda item: -item[1])
    )
    return f"""## All together: {one.name}

{one.rate:,.0f} messages a second, each acknowledged when durable and delivered to the other side in order
({one.out_of_order} out of order); {sum(one.cpu.values()) / one.seconds:.2f} cores in use. Delivery took p50
{percentile(one.delivered, 0.5) * 1e3:.0f} ms and p99 {percentile(one.delivered, 0.99) * 1e3:.0f} ms with
{PAIRS * UNDER_WAY} messages under way.

| process | CPU us a message | of one core |
|---|---|---|
{rows}
"""


def _latencies(paced: Sequence[Measured]) -> str:
    rows = "\n".join(
        f"| {one.name} | {what} | " + " | ".join(f"{percentile(v, s) * 1e3:.1f}" for s in (0.5, 0.9, 0.99, 1.0)) + " |"
        for one in paced
        for what, v in (("acknowledged", one.acknowledged), ("delivered", one.delivered))
    )
    return f"""## Latency at a steady pace, in ms

From the moment at which a message was due to be sent, on two sockets of the same process.

| run | until | p50 | p90 | p99 | most |
|---|---|---|---|---|---|
{rows}
"""
