"""What becomes of an append, whatever Kafka reports of it."""

import asyncio

import pytest
from confluent_kafka import KafkaError, Message

from parley.adapters.addresses import kafka_access
from parley.adapters.kafka.access import KafkaAccess
from parley.adapters.kafka.appending import Append
from parley.adapters.kafka.producer import KafkaProducer
from parley.contract import INGRESS
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.position import offset_of
from tests.engines import fresh_settings
from tests.patience import STILL_S, until

ACCESS = KafkaAccess("broker:9092")
WRITTEN = Message(topic="ingress", partition=3, offset=7, timestamp=(1, 1_800_000_000_000))
WITHOUT_PLACE = Message(topic="ingress", partition=3, offset=-1001, timestamp=(0, -1))


def test_g1_a_confirmation_without_a_place_is_no_acknowledgement_and_says_to_send_it_again() -> None:
    """It is there, from an earlier try; whoever sends it again, marked as a retry, finds out where."""
    append = Append(ACCESS, "ingress", 2)
    assert not append.report(1, None, WITHOUT_PLACE)
    assert append.report(0, None, WRITTEN)
    with pytest.raises(ParleyError, match="no longer knows where: send it again") as refused:
        append.places()
    assert refused.value.code is ErrorCode.UNAVAILABLE


def test_g1_one_value_that_was_not_written_fails_those_beside_it() -> None:
    append = Append(ACCESS, "ingress", 2)
    append.report(0, KafkaError(KafkaError.NOT_ENOUGH_REPLICAS), WITHOUT_PLACE)
    assert append.report(1, None, WRITTEN)
    with pytest.raises(ParleyError, match="too few replicas"):
        append.places()


def test_places_come_in_the_order_of_the_values_whenever_they_are_reported() -> None:
    append = Append(ACCESS, "ingress", 2)
    append.report(1, None, Message(topic="ingress", partition=3, offset=8, timestamp=(1, 1_800_000_000_000)))
    append.report(0, None, WRITTEN)
    assert [offset_of(place.position) for place in append.places()] == [7, 8]


@pytest.mark.servers
async def test_g8_a_report_that_cannot_be_handled_keeps_nobody_else_from_hearing_of_his() -> None:
    reported = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fail(*_: object) -> None:
        loop.call_soon_threadsafe(reported.set)
        raise RuntimeError("a fault in whoever takes the report")

    async with fresh_settings() as settings, asyncio.timeout(STILL_S):
        access = kafka_access(settings)
        producer = KafkaProducer(access)
        producer._producer.produce(access.topic_name(INGRESS.name), b"unheard", partition=0, on_delivery=fail)
        await reported.wait()
        assert len(await producer.append(INGRESS.name, 0, [b"one", b"two"])) == 2
        await producer.close()


@pytest.mark.servers
async def test_g8_a_producer_that_is_given_up_is_replaced_and_its_appends_fail() -> None:
    given_up = KafkaError(KafkaError._FATAL, "sequence desynchronization", True)
    async with fresh_settings() as settings, asyncio.timeout(STILL_S):
        producer = KafkaProducer(kafka_access(settings))
        assert len(await producer.append(INGRESS.name, 0, [b"before"])) == 1
        first, future = producer._producer, asyncio.get_running_loop().create_future()
        producer._reported(first, Append(ACCESS, "ingress", 1), future, 0, given_up, WITHOUT_PLACE)
        with pytest.raises(ParleyError, match="sequence desynchronization"):
            await future
        await until("another one took over", lambda: producer._producer is not first, lambda: None)
        assert len(await producer.append(INGRESS.name, 0, [b"after"])) == 1
        await producer.close()
