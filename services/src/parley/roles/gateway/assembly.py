"""The parts of a gateway, put together once."""

from dataclasses import dataclass

from parley.ports.chat import Chat
from parley.ports.profiles import ProfileReader
from parley.ports.registry import Gateway
from parley.protocol.vigil import Timing
from parley.roles.gateway.arrivals import Arrivals
from parley.roles.gateway.context import Context
from parley.roles.gateway.deliveries import Deliveries
from parley.roles.gateway.directory import Directory
from parley.roles.gateway.enrolment import Enrolment
from parley.roles.gateway.lanes import Lanes
from parley.roles.gateway.lease import Lease
from parley.roles.gateway.marks import MarkMerger
from parley.roles.gateway.resync import Resyncing
from parley.roles.gateway.rounds import Rounds
from parley.roles.gateway.watching import Watching
from parley.runtime.backends import Backends
from parley.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs in a gateway, and the context that its clients share."""

    context: Context
    arrivals: Arrivals
    resyncing: Resyncing
    lease: Lease
    deliveries: Deliveries
    rounds: Rounds


def assemble(gateway: Gateway, backends: Backends, settings: Settings, chat: Chat, profiles: ProfileReader) -> Parts:
    """Wire the parts of this incarnation."""
    registry, channels, clock = backends.registry, backends.channels, backends.clock
    timeout_s = settings.call_timeout_ms / 1000
    directory = Directory(settings.limits())
    resyncing = Resyncing(directory)
    arrivals = Arrivals(
        backends.presence, profiles, channels, clock, directory, settings.presence_grace_ms
    )  # fmt: skip
    watching = Watching(
        gateway.name,
        backends.presence,
        registry,
        profiles,
        timeout_s,
        lambda: clock.now_ms() + settings.presence_grace_ms,
    )
    enrolment = Enrolment(gateway, registry, channels, directory, arrivals, resyncing)
    lanes = Lanes(chat, settings.partitions, timeout_s)
    context = Context(
        settings=settings,
        limits=settings.limits(),
        timing=_timing(settings),
        clock=clock,
        tokens=backends.tokens,
        lanes=lanes,
        marks=MarkMerger(lanes, settings.receipts_merge_ms / 1000),
        directory=directory,
        enrolment=enrolment,
        watching=watching,
    )
    return Parts(
        context,
        arrivals,
        resyncing,
        Lease(gateway, registry, settings.lease_ms, enrolment, watching, resyncing),
        Deliveries(gateway.name, channels, clock, directory, enrolment, watching, resyncing),
        Rounds(directory, clock, _round_s(settings)),
    )


def _timing(settings: Settings) -> Timing:
    return Timing(
        heartbeat_s=settings.heartbeat_ms / 1000,
        hello_timeout_s=settings.hello_timeout_ms / 1000,
        stall_timeout_s=settings.stall_timeout_ms / 1000,
        grace_s=settings.jwt_leeway_ms / 1000,
    )


def _round_s(settings: Settings) -> float:
    """Often enough for the shortest of the times that are watched, and never needlessly often."""
    shortest = min(settings.heartbeat_ms, settings.hello_timeout_ms, settings.stall_timeout_ms)
    return min(1.0, max(0.01, shortest / 4000))
