"""The outside world of one process, wired once at start and never changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from parley.ports.channels import Channels
from parley.ports.clock import Clock
from parley.ports.conversation_store import ConversationReader, ConversationWriter, Inbox
from parley.ports.event_log import EventLog
from parley.ports.leadership import Leadership
from parley.ports.profiles import Profiles
from parley.ports.recent_keys import RecentKeys
from parley.ports.registry import PresenceBoard, Registry
from parley.ports.resume_cache import ResumeCache
from parley.ports.tokens import TokenVerifier
from parley.ports.watermarks import WatermarkStore


@dataclass(frozen=True, slots=True)
class Backends:
    """One adapter per port. `checks` name what a readiness probe asks; each raises ParleyError when it is away."""

    log: EventLog
    writer: ConversationWriter
    reader: ConversationReader
    inbox: Inbox
    watermarks: WatermarkStore
    profiles: Profiles
    registry: Registry
    presence: PresenceBoard
    channels: Channels
    recent_keys: RecentKeys
    resume_cache: ResumeCache
    leadership: Leadership
    tokens: TokenVerifier
    clock: Clock
    checks: dict[str, Callable[[], Awaitable[None]]]
    close: Callable[[], Awaitable[None]]
