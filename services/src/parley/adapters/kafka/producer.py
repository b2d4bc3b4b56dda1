"""Writing to Kafka: many appends under way, each with its own answer."""

import asyncio
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from parley.adapters.kafka.access import KafkaAccess, producer_configuration
from parley.adapters.kafka.appending import Append
from parley.adapters.kafka.credential_watch import CredentialWatch
from parley.adapters.kafka.failures import unavailable
from parley.adapters.threads.completions import Completion, Completions
from parley.domain.errors import ParleyError
from parley.ports.event_log import Appended

_POLL_S: Final = 0.1
_WATCH_EVERY_S: Final = 5.0
_FLUSH_S: Final = 6.0
_log: Final = structlog.get_logger()


class KafkaProducer:
    """One producer of the process. A thread serves its delivery reports; the event loop only hands over.

    librdkafka gives a producer up for good when it can no longer tell what of its records is written; another one takes
    its place then.
    """

    def __init__(self, access: KafkaAccess) -> None:
        """Connect in the background; must be made in a running event loop."""
        self._access = access
        self._producer = Producer(producer_configuration(access))
        self._credentials = CredentialWatch(access.credentials, self._producer)
        self._given_up: Producer | None = None
        self._retired: list[Producer] = []
        self._completions = Completions(asyncio.get_running_loop())
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="kafka-producer", daemon=True)
        self._thread.start()

    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        """Hand the values over next to each other; return their places when all replicas have them."""
        name = self._access.topic_name(topic)
        future: asyncio.Future[list[Appended]] = asyncio.get_running_loop().create_future()
        append, producer = Append(self._access, topic, len(values)), self._producer
        try:
            for number, value in enumerate(values):
                reported = partial(self._reported, producer, append, future, number)
                producer.produce(name, value, partition=partition, on_delivery=reported)
        except (BufferError, KafkaException) as error:
            self._note_end(producer, error.args[0])
            raise unavailable(error, self._access, f"{topic} was not written") from None
        return await future

    async def close(self) -> None:
        """Wait for what is under way, at most as long as a delivery may take."""
        await asyncio.get_running_loop().run_in_executor(None, self._producer.flush, _FLUSH_S)
        self._closing.set()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, 1.0)

    def _serve(self) -> None:
        """For as long as the process lives: without this thread nobody would ever hear of what was written."""
        looked = time.monotonic()
        while not self._closing.is_set():
            try:
                self._producer.poll(_POLL_S)
                self._replace_given_up()
                if time.monotonic() - looked > _WATCH_EVERY_S:
                    looked = time.monotonic()
                    self._credentials.refresh()
            except Exception:  # noqa: BLE001 - as above
                _log.exception("a report of Kafka's producer could not be handled")
                self._closing.wait(_POLL_S)

    def _reported(
        self,
        producer: Producer,
        append: Append,
        future: "asyncio.Future[list[Appended]]",
        number: int,
        error: KafkaError | None,
        message: Message,
    ) -> None:
        """Take a delivery report; runs in whichever thread polls or flushes."""
        self._note_end(producer, error)
        if not append.report(number, error, message):
            return
        try:
            completion = Completion(future, append.places())
        except ParleyError as failure:
            completion = Completion(future, error=failure)
        self._completions.deliver([completion])

    def _note_end(self, producer: Producer, error: object) -> None:
        """Whether this producer will never write again; may be called by any thread."""
        if isinstance(error, KafkaError) and (error.fatal() or error.code() == KafkaError._FATAL):  # noqa: SLF001 - librdkafka's own
            self._given_up = producer

    def _replace_given_up(self) -> None:
        """Let another producer take over, and hear out those before it: each of their records fails with a report."""
        if self._given_up is self._producer:
            _log.warning("Kafka's producer was given up, another one takes over", brokers=self._access.brokers)
            self._retired.append(self._producer)
            self._producer = Producer(producer_configuration(self._access))
            self._credentials = CredentialWatch(self._access.credentials, self._producer)
        self._given_up = None
        for producer in tuple(self._retired):
            producer.poll(0)
            if not len(producer):
                self._retired.remove(producer)
