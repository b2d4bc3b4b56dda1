"""The numbers by which clients and services behave, read from their code and never copied."""

from typing import Any, Final

from parley.adapters.kafka.access import KafkaAccess, consumer_configuration
from parley.client.connection import _OPEN_S
from parley.contract import MAXIMUM_PARTITIONS
from parley.roles.chat.pressure import _EVERY_S, LAG_LIMIT_S
from parley.roles.presence.main import AT_ONCE
from parley.runtime.listening import _BACKLOG
from parley.runtime.settings import Settings


def _default(name: str) -> Any:  # noqa: ANN401 - of any setting
    return Settings.model_fields[name].default


OPEN_S: Final = _OPEN_S
"""So long an SDK waits for the upgrade."""

CALL_S: Final[float] = _default("call_timeout_ms") / 1_000
"""So long a gateway waits for chat."""

QUESTIONS_AT_ONCE: Final[int] = _default("questions_at_once")
"""Resumes, and other questions, that a chat process works on; as many wait."""

ACCEPT_BACKLOG: Final = _BACKLOG
"""Connections that wait for a gateway to take them; the kernel drops what comes beyond."""

HEARTBEAT_S: Final[float] = _default("heartbeat_ms") / 1_000
LAG_LIMIT_SECONDS: Final = LAG_LIMIT_S
"""So long a partition may need to work off what waits in it, before chat refuses more for it."""

LAG_LOOK_S: Final = _EVERY_S
PARTITIONS: Final = MAXIMUM_PARTITIONS
PRESENCE_AT_ONCE: Final = AT_ONCE
"""People whom one look of the presence role takes."""

CONSUMER_SESSION_S: Final[float] = (
    consumer_configuration(KafkaAccess("nowhere:1"), "group", "")["session.timeout.ms"] / 1_000
)
"""After that the partitions of a dead consumer are given to others."""

_RESUME_QUESTIONS, _RECEIPTS_READS = 1, 3 * 4
RESUME_SHARE: Final = _RESUME_QUESTIONS / (_RESUME_QUESTIONS + _RECEIPTS_READS)
"""The part of chat's work for a reconnect that welcome waits for, by the questions that were counted in the code.

In the measured runs everybody had six conversations in which nothing had happened: one question to the cache for the
resume, then four reads of the store for each of the three whose marks the SDK asks for.
"""

CHAT_TURNS: Final = 3
"""So often a resume waits for an answer, and others have their turn: of the cache, for members, and for rows."""

UPGRADE_SHARE: Final = 0.5
"""Assumed: half of what a connection costs a gateway is the upgrade, the other half hello and welcome."""
