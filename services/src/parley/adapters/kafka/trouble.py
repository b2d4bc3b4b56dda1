"""Why brokers refuse connections: librdkafka tells a callback, and the calls only that they took too long."""

import time
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import KafkaError

REFUSALS: Final = frozenset({KafkaError._AUTHENTICATION, KafkaError._SSL})  # noqa: SLF001 - so librdkafka names its own
_REMEMBERED_S: Final = 15.0


@dataclass(slots=True)
class ConnectionTrouble:
    """The last refusal that any client of one access met."""

    _last: KafkaError | None = None
    _noted_at: float = field(default=0.0)

    def note(self, error: KafkaError) -> None:
        """To be called with every error that concerns a connection; by any thread."""
        if error.code() in REFUSALS:
            self._last, self._noted_at = error, time.monotonic()

    def recent(self) -> KafkaError | None:
        """A refusal that may still be the cause of what fails now."""
        return self._last if time.monotonic() - self._noted_at < _REMEMBERED_S else None
