"""Writing to Kafka: many appends under way, each with its own answer."""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from parley.adapters.kafka.access import KafkaAccess, producer_configuration
from parley.adapters.kafka.credential_watch import CredentialWatch
from parley.adapters.kafka.failures import unavailable
from parley.adapters.threads.completions import Completion, Completions
from parley.domain.position import message_id_of, position_of
from parley.ports.event_log import Appended

_POLL_S: Final = 0.1
_WATCH_EVERY_S: Final = 5.0
_FLUSH_S: Final = 6.0


@dataclass(slots=True)
class _Append:
    """Values that were handed over together, and what the brokers said of each so far."""

    future: "asyncio.Future[list[Appended]]"
    places: list[Appended | None]
    waiting: int
    error: KafkaError | None = None


class KafkaProducer:
    """One producer of the process. A thread serves its delivery reports; the event loop only hands over."""

    def __init__(self, access: KafkaAccess) -> None:
        """Connect in the background; must be made in a running event loop."""
        self._access = access
        self._producer = Producer(producer_configuration(access))
        self._credentials = CredentialWatch(access.credentials, self._producer)
        self._completions = Completions(asyncio.get_running_loop())
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="kafka-producer", daemon=True)
        self._thread.start()

    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        """Hand the values over next to each other; return their places when all replicas have them."""
        name = self._access.topic_name(topic)
        future: asyncio.Future[list[Appended]] = asyncio.get_running_loop().create_future()
        append = _Append(future, [None] * len(values), len(values))
        try:
            for number, value in enumerate(values):
                answer = partial(self._answered, append, number)
                self._producer.produce(name, value, partition=partition, on_delivery=answer)
        except (BufferError, KafkaException) as error:
            raise unavailable(error, self._access, f"{topic} was not written") from None
        return await future

    async def close(self) -> None:
        """Wait for what is under way, at most as long as a delivery may take."""
        await asyncio.get_running_loop().run_in_executor(None, self._producer.flush, _FLUSH_S)
        self._closing.set()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, 1.0)

    def _serve(self) -> None:
        looked = time.monotonic()
        while not self._closing.is_set():
            self._producer.poll(_POLL_S)
            if time.monotonic() - looked > _WATCH_EVERY_S:
                self._credentials.refresh()
                looked = time.monotonic()

    def _answered(self, append: _Append, number: int, error: KafkaError | None, message: Message) -> None:
        """Take a delivery report; runs in whichever thread polls or flushes."""
        if error is not None:
            append.error = error
        else:
            append.places[number] = self._place(message)
        append.waiting -= 1
        if append.waiting:
            return
        if append.error is not None:
            failure = unavailable(append.error, self._access, f"{message.topic()} was not written")
            completion = Completion(append.future, error=failure)
        else:
            completion = Completion(append.future, [place for place in append.places if place is not None])
        self._completions.deliver([completion])

    def _place(self, message: Message) -> Appended:
        offset, partition, appended_at = message.offset(), message.partition(), message.timestamp()[1]
        assert offset is not None  # noqa: S101 - a confirmed record has its place
        assert partition is not None  # noqa: S101
        position = position_of(self._access.generation, offset)
        return Appended(position, appended_at, message_id_of(appended_at, partition, offset))
