"""What the brokers' reports say of values that were handed over together."""

from confluent_kafka import KafkaError, Message

from parley.adapters.kafka.access import KafkaAccess
from parley.adapters.kafka.failures import unavailable
from parley.domain.position import message_id_of, position_of
from parley.ports.event_log import Appended


class Append:
    """So many values of one topic, and what is known of each so far."""

    __slots__ = ("_access", "_error", "_places", "_topic", "_waiting")

    def __init__(self, access: KafkaAccess, topic: str, count: int) -> None:
        """Nothing is reported yet; `topic` is the name that a person knows."""
        self._access = access
        self._topic = topic
        self._places: list[Appended | None] = [None] * count
        self._waiting = count
        self._error: KafkaError | None = None

    def report(self, number: int, error: KafkaError | None, message: Message) -> bool:
        """Take the report of one value; True when it was the last one."""
        place = None if error is not None else self._place(message)
        if place is None:
            self._error = error or KafkaError(KafkaError.DUPLICATE_SEQUENCE_NUMBER)
        self._places[number] = place
        self._waiting -= 1
        return not self._waiting

    def places(self) -> list[Appended]:
        """Where all of them came to stand; raises ParleyError UNAVAILABLE when that is not known of one."""
        if self._error is not None:
            raise unavailable(self._error, self._access, f"{self._topic} was not acknowledged")
        return [place for place in self._places if place is not None]

    def _place(self, message: Message) -> Appended | None:
        """None for a record that an earlier try of the client's own wrote, and whose answer was lost.

        A broker that took over meanwhile knows that it has the record, and not where; librdkafka then reports a success
        without an offset (its pull request 4438).
        """
        offset, partition, appended_at = message.offset(), message.partition(), message.timestamp()[1]
        if offset is None or partition is None or offset < 0:
            return None
        position = position_of(self._access.generation, offset)
        return Appended(position, appended_at, message_id_of(appended_at, partition, offset))
