"""What librdkafka's answers mean where they do not say it themselves."""

import pytest
from confluent_kafka import KafkaError

from parley.adapters.kafka.access import KafkaAccess
from parley.adapters.kafka.event_log import known_offsets
from parley.adapters.kafka.failures import unavailable
from parley.domain.errors import ErrorCode, ParleyError


def test_an_offset_that_a_new_leader_does_not_know_is_an_outage_and_no_offset() -> None:
    with pytest.raises(ParleyError, match=r"partitions \[2\] of ingress") as caught:
        known_offsets({1: 7, 2: -1001}, "ingress", "broker:9092")
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert known_offsets({1: 7, 2: 0}, "ingress", "broker:9092") == {1: 7, 2: 0}


def test_a_timeout_is_explained_by_the_refusal_that_caused_it() -> None:
    access = KafkaAccess("broker:9092")
    timeout = KafkaError(KafkaError._TIMED_OUT)
    assert "did not answer in time" in unavailable(timeout, access, "nothing was read").message
    access.trouble.note(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    assert "did not answer in time" in unavailable(timeout, access, "nothing was read").message
    access.trouble.note(KafkaError(KafkaError._AUTHENTICATION))
    assert "check PARLEY_LOG_USER and PARLEY_LOG_PASSWORD" in unavailable(timeout, access, "nothing was read").message
