"""What is simulated for the page: each case made from the model's pods and from measured costs, never from thin air."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from e2e.scaling.constants import RESUME_SHARE
from e2e.scaling.hot_group import Group
from e2e.scaling.lost_zone import ZoneLoss
from e2e.scaling.measurements import Measurements
from e2e.scaling.storm import Storm
from parley_operator.desired import capacity_figures as figures
from parley_operator.desired import measured_costs as costs
from parley_operator.desired.capacity import Load, needs

Event = Literal["a gateway", "a node", "a zone"]
EVENTS: Final[tuple[Event, ...]] = ("a gateway", "a node", "a zone")
ZONES: Final = 3
SIMULATED_CLIENTS: Final = 10_000
"""Of more clients a part is simulated, with the same part of the gateways and of chat: all parts are alike."""

GROUP_MEMBERS: Final = 500
GROUP_RATES: Final = (1, 5, 20, 50, 100, 200, 500)
GROUP_SECONDS: Final = 20.0
_SECOND_US: Final = 1_000_000
_MEASURED_GATEWAYS: Final = 2


@dataclass(frozen=True, slots=True)
class StormCase:
    """`share` of the real event is simulated; rates of the whole are those of the simulation divided by it."""

    load: Load
    event: Event
    lost: int
    share: float
    storm: Storm


def storm_case(load: Load, event: Event, *, chat_factor: float = 1.0) -> StormCase:
    """What happens when one ChatCluster of this load loses this; `chat_factor`: as if it had more pods of chat."""
    pods = needs(load).pods
    gateways, zone = pods["gateway"], event == "a zone"
    gone = {"a gateway": 1, "a node": min(_pods_of_node(), gateways - 1), "a zone": math.ceil(gateways / ZONES)}[event]
    left = gateways - gone
    lost = load.peak_connections * gone // gateways
    chats = pods["chat"] * chat_factor * (1 - 1 / ZONES if zone else 1)
    together = min(left, max(1, round(SIMULATED_CLIENTS * left / max(1, lost))))
    share = together / left
    busy_gateway = load.deliveries * costs.GATEWAY_US / _SECOND_US / left
    busy_chat = load.messages_per_second * costs.CHAT_US / _SECOND_US / chats
    storm = Storm(
        clients=max(1, round(lost * share)),
        gateways=together,
        chat_cores=chats * share,
        gateway_s=costs.CONNECT_GATEWAY_US / _SECOND_US,
        chat_s=costs.CONNECT_CHAT_US * RESUME_SHARE / _SECOND_US,
        chat_after_s=costs.CONNECT_CHAT_US * (1 - RESUME_SHARE) / _SECOND_US,
        gateway_spare=1 - busy_gateway,
        chat_spare=1 - busy_chat,
    )
    return StormCase(load, event, lost, share, storm)


def chat_for_storm(load: Load, event: Event, within_s: float) -> int:
    """Pods of chat with which chat answers all who come back in so many seconds."""
    case = storm_case(load, event)
    pods = case.storm.chat_cores / case.share
    busy = pods * (1 - case.storm.chat_spare)
    cores = case.lost * costs.CONNECT_CHAT_US / _SECOND_US / within_s + busy
    return math.ceil(cores * (ZONES / (ZONES - 1) if event == "a zone" else 1))


def drain_case(per_second: float) -> Storm:
    """A full gateway of a large ChatCluster stops as planned: the others hardly notice."""
    clients = figures.CONNECTIONS_PER_GATEWAY.value
    return Storm(
        clients=clients,
        gateways=50,
        chat_cores=3.5,
        gateway_s=costs.CONNECT_GATEWAY_US / _SECOND_US,
        chat_s=costs.CONNECT_CHAT_US / _SECOND_US,
        gateway_spare=0.9,
        chat_spare=0.75,
        drain_ms=math.ceil(clients / per_second) * 1_000,
        drain_per_second=per_second,
    )


@dataclass(frozen=True, slots=True)
class GroupCosts:
    """What a message of a large group costs, in seconds: derived from the measured group and the measured pairs."""

    chat_s: float
    sequencer_s: float
    fanout_s: float
    delivery_s: float

    @classmethod
    def derived(cls, measured: Measurements, members: int, gateways: int) -> "GroupCosts":
        """Two groups tell apart what a message costs and what each member does; they were on two gateways.

        What it costs the fanout to write to one more gateway is assumed: a quarter of a message between two people,
        which has two such writes.
        """
        known = {name: measured.of(name, "members").value for name in ("small group", "group")}

        def each_member(role: str) -> tuple[float, float]:
            """What a message costs whatever the members, and what each of them adds."""
            few, many = (measured.of(name, f"cpu {role}").value for name in ("small group", "group"))
            slope = max(0.0, (many - few) / (known["group"] - known["small group"]))
            return max(0.0, many - slope * known["group"]), slope

        base, member = each_member("fanout")
        write = costs.FANOUT_US / 4
        fanout = base + members * member + max(0, gateways - _MEASURED_GATEWAYS) * write
        _, delivery = each_member("gateway")
        chat, sequencer = (measured.of("group", f"cpu {role}").value for role in ("chat", "sequencer"))
        return cls(*(part / _SECOND_US for part in (chat, sequencer, fanout, delivery)))


def group_cases(measured: Measurements, gateways: int, unloaded_s: float) -> Iterator[Group]:
    """Everybody of the largest group is online, and somebody says more and more."""
    spent = GroupCosts.derived(measured, GROUP_MEMBERS, gateways)
    for rate in GROUP_RATES:
        yield Group(
            members=GROUP_MEMBERS,
            gateways=gateways,
            per_second=rate,
            seconds=GROUP_SECONDS,
            chat_s=spent.chat_s,
            sequencer_s=spent.sequencer_s,
            fanout_s=spent.fanout_s,
            delivery_s=spent.delivery_s,
            unloaded_s=unloaded_s,
            spare=0.5,
        )


def zone_case(load: Load) -> ZoneLoss:
    """A third of brokers and sequencers of one ChatCluster is gone."""
    capacity = needs(load).pods["sequencer"] * _SECOND_US / costs.SEQUENCER_US
    return ZoneLoss(float(load.messages_per_second), capacity)


def _pods_of_node() -> int:
    return figures.NODE_CORES.value * figures.NODE_PERCENT.value // 100 // figures.POD_CORES.value
