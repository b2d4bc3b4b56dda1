"""The parts of the page that were simulated, and the comparison with small real runs."""

from collections.abc import Mapping
from typing import Any, Final

from e2e.scaling import constants, lost_zone
from e2e.scaling.cases import GROUP_MEMBERS, chat_for_storm
from e2e.scaling.loads import COLUMNS
from e2e.scaling.simulated import CONVERSATIONS, MOVED, READS, WITHIN_S
from e2e.scaling.storm import Storm
from e2e.scaling.tables import duration, table
from parley.domain.limits import Limits
from parley.roles.chat.turnstile import PATIENCE_S
from parley_operator.desired import capacity_extent_figures as extents
from parley_operator.desired import measured_costs
from parley_operator.desired.capacity import needs

_HORIZON_S: Final = Storm(1, 1, 1.0, 0.0, 0.0).horizon_s


def storms(simulated: Mapping[str, Any]) -> str:
    """Who is back when, as things are and with chat that has room for it."""
    head = ("load", "lost", "clients", "half", "90 %", "99 %", "all", "hellos/s for each gateway", "store reads/s", "")
    rows = [_storm_row(each) for each in simulated["storms"]]
    roomy = [
        (
            each["load"],
            f"{_chat_now(each['load']):,}",
            f"{each['chat_pods']:,}",
            _when(each["back"]["0.5"]),
            _when(each["back"]["0.99"]),
            _when(each["back"]["1.0"]),
            f"{each['given_up']:g}",
        )
        for each in simulated["roomy"]
    ]
    drain = simulated["drain"]
    return f"""## Reconnect storms

Simulated with SimPy. Every client is the SDK's own machine, so that its backoff is not a copy: the first
attempt comes at a random moment of half a second, the next one within twice that, up to 30 s. It waits
{constants.OPEN_S:g} s for the upgrade. Its token is verified, it is registered, and chat reads what changed; a
gateway waits {constants.CALL_S:g} s for chat. One resume makes {READS} reads of the store for {MOVED} conversation in
which something happened (counted in the code; that it is {MOVED} of {CONVERSATIONS} is assumed); the list and the heads
come from the cache. After {duration(_HORIZON_S)} the simulation ends.

{table(head, rows)}
![Share of the clients that is back, by time](measurements/storms.svg)

{_chat_breaks(simulated)}

{table(("load", "pods of chat now", "with room", "half", "99 %", "all", "attempts given up for each client"), roomy)}
A process of chat works on {constants.QUESTIONS_AT_ONCE} resumes and as many other questions, lets as many wait for at
most {PATIENCE_S:g} s, and refuses the rest; gateways ask again until {constants.CALL_S:g} s are over, and clients stay
away for as long as they are told. What nobody waits for any more is dropped. So more pods make a storm shorter, and
too few of them make it longer, but do not keep it alive.

A planned stop is no storm: a gateway with {drain["clients"]:,} clients sends {drain["per_second"]:.0f} of them
away each second, and all are back {duration(drain["all_back"])} after it began, never more than
{drain["busiest_second_per_gateway"]:g} a second at each of 50 others (simulated)."""


def _chat_breaks(simulated: Mapping[str, Any]) -> str:
    """What the table shows; whether it breaks depends on what was measured."""
    stuck = [f"{each['load']}, {each['event']}" for each in simulated["storms"] if each["share_back"] < 1]
    cost = (
        f"a resume costs {measured_costs.CONNECT_CHAT_US:,} us of its CPU (measured, with what the SDK asks after it)"
    )
    if not stuck:
        return f"Chat's pods are counted by messages alone, and {cost}; it was enough here. With room for a lost zone:"
    return (
        f"**Chat is what breaks** ({'; '.join(stuck)}). Its pods are counted by messages alone, and {cost}. Where more"
        " people come back than chat can answer, it answers as many as it can, and the others come again, later each"
        " time: it takes as long as the work takes. Chat for a lost zone, as it would have to be to answer everybody in"
        f" {WITHIN_S:g} s (derived), and what the storm is then (simulated):"
    )


def groups(simulated: Mapping[str, Any]) -> str:
    """What one conversation can take."""
    rows = [
        (
            f"{each['gateways']:,}",
            f"{each['per_second']:g}",
            f"{each['fanout_ms']:.2f} ms",
            f"{each['p50_ms']:,.0f} ms",
            f"{each['p99_ms']:,.0f} ms",
            f"{each['last_p99_ms']:,.0f} ms",
            f"{each['backlog']:,}",
        )
        for each in simulated["groups"]
    ]
    few, many = simulated["groups"][0], simulated["groups"][-1]
    head = (
        "gateways",
        "messages/s",
        "fanout, CPU a message",
        "p50",
        "p99",
        "p99 of the last member",
        "waiting at the end",
    )
    return f"""## Hot groups

{GROUP_MEMBERS} members, all of them online, and one who never stops. All messages of a conversation go through
one sequencer and one fanout; each of them has half a core for it (assumed). The costs are those of the measured
group; what it costs to write to one more gateway is assumed. Simulated for 20 s:

{table(head, rows)}
![Latency of a hot group, by rate](measurements/groups.svg)

The fanout ends first: it asks for every member and writes to every gateway, so that one group takes no more
than about {500 / few["fanout_ms"]:,.0f} messages a second on few gateways and {500 / many["fanout_ms"]:,.0f} on
many. Beyond it the group is late, and so is every conversation of the same partition; others are not. One
person may send {Limits().sends_per_second:g} a second (`limits.sendsPerSecond`): set it lower where your groups
are that large. More partitions do not help one conversation; a fanout would that shares out the members of one
message, and it is not built."""


def zones(simulated: Mapping[str, Any]) -> str:
    """A third of brokers and sequencers is gone."""
    rows = [_zone_row(each) for each in simulated["zones"]]
    loss = lost_zone.ZoneLoss(1.0, 1.0)
    head = ("load", "messages/s", "capacity left", "most waiting", "drained after", "refusals a message", "p50", "p99")
    return f"""## A lost zone

A third of brokers and sequencers goes at once. For {loss.election_s:g} s nothing can be appended to a third of
the partitions (assumed); for {constants.CONSUMER_SESSION_S:g} s nobody reads the partitions of the lost
sequencers (their session, as the code has it); then two thirds of the pods do all the work. *Capacity left* is
what they can order, as a multiple of the load (derived). Times are from writing a message to its place in the
order, over the two minutes after (simulated; outboxes are the SDK's own):

{table(head, rows)}
Nothing is lost, and nobody is refused because too much waits: chat refuses changes of a partition alone, and
only while that one would need more than {constants.LAG_LIMIT_SECONDS:g} s for what waits in it. The refusals
are those of partitions without a leader.

People of gateways that died without a word are declared offline by one process,
about {extents.PRESENCE_PER_SECOND.value:,} a second: it takes {constants.PRESENCE_AT_ONCE:,} of all dead
gateways together, and the next as soon as these are done. Until it is done, people who left are shown as online;
who came back is not touched.

The store has two of three copies left, and goes on (`LOCAL_QUORUM`); by processor it is used for a half at
most, so that three quarters are used then (derived). Its disks have the rest of the copies to make again once
the zone is back, which is not simulated."""


def _zone_row(each: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        each["load"],
        f"{each['per_second']:,}",
        f"{each['left']:.2f}",
        f"{each['most_waiting']:,}",
        duration(each["drained_at"]),
        f"{each['refusals']:.2f}",
        f"{each['delay_p50_s']:g} s",
        f"{each['delay_p99_s']:g} s",
    )


def checked(found: Mapping[str, Any], simulated: Mapping[str, Any]) -> str:
    """How far the simulations are off."""
    again = simulated["checked"]
    storm_rows = _compared(found, again)
    group, ours = found["group"], again["group"]
    group_rows = [
        (name, f"{real:g} ms", f"{ours[name]:g} ms", f"{_error(real, ours[name]):+.0%}")
        for name, real in group["real"].items()
    ]
    head = ("what", "clients", "used by others", "half back", "90 % back", "all back", "error, half", "error, all")
    return f"""## Checked against real runs

`make scaling-check` starts two gateways and one process of each other role, with Kafka, Cassandra and Redis, on
{found["machine"]} ({found["at"]}; other work ran beside, and the simulation is told what share it used).
{found["people"]} clients of the SDK with {found["conversations_each"]} conversations each lose their gateway. A
first loss gives the costs; the simulation of the next ones, which uses them on a machine of two shared cores,
was not fitted to what it is compared with. Real / simulated:

{table(head, storm_rows)}
A group of {group["members"]} on the same platform, at {group["hot"]["per_second"]:g} messages a second,
{group["deliveries"]:,} deliveries, others used {group["hot"]["others"]:.0%}; costs and the time of the hops
({ours["unloaded_ms"]:g} ms) are those seen at {group["calm"]["per_second"]:g} a second:

{table(("of deliveries", "real", "simulated", "error"), group_rows)}
What the simulation does not know is the scheduler: on two cores that others use as well, a process that wakes
up waits for its turn at every hop. A storm is hardly touched by that, since it is bound by work; a message that
finds everybody idle is. Its simulated milliseconds are therefore work and queues alone: the least that it can
be, on cores of its own. {_clients_come_sooner(found, again)}

The files are [checked.json](measurements/checked.json) and [simulated.json](measurements/simulated.json). An
error of this size is what every simulated time above has at least; at a larger size nobody has looked. A check
on a machine without other work says more: `make scaling-check scaling`."""


def _compared(found: Mapping[str, Any], again: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            each["what"],
            f"{each['clients']}",
            f"{each['others']:.0%}",
            *(f"{each['real'][name]:.1f} / {ours[name]:.1f} s" for name in ("p50", "p90", "all")),
            *(f"{_error(each['real'][name], ours[name]):+.0%}" for name in ("p50", "all")),
        )
        for each, ours in zip(found["storms"]["seen"], again["storms"], strict=True)
    ]


def _clients_come_sooner(found: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """Where the first half of the clients is simulated late, the reason for it."""
    pairs = zip(found["storms"]["seen"], again["storms"], strict=True)
    if not any(ours["p50"] > each["real"]["p50"] * 1.2 for each, ours in pairs):
        return ""
    return (
        "The first half of the clients is back sooner than simulated: chat finishes more of the early resumes before it"
        " turns to the rest than turns of equal length allow."
    )


def _storm_row(each: Mapping[str, Any]) -> tuple[str, ...]:
    back = each["back"]
    left = "" if each["share_back"] >= 1 else f"{each['share_back']:.0%} back at the end"
    return (
        each["load"],
        each["event"],
        f"{each['lost']:,}",
        *(_when(back[share]) for share in ("0.5", "0.9", "0.99", "1.0")),
        f"{each['hellos_per_gateway']:,.0f}",
        f"{each['store_reads']:,}",
        left,
    )


def _when(seconds: float | None) -> str:
    return "not at all" if seconds is None else f"{seconds:.1f} s"


def _chat_now(name: str) -> int:
    (load,) = [column.load for column in COLUMNS if column.name == name]
    assert chat_for_storm(load, "a zone", WITHIN_S)  # noqa: S101 - the row was made from it
    return needs(load).pods["chat"]


def _error(real: float, simulated: float) -> float:
    return simulated / real - 1
