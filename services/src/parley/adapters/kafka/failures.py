"""What a person can do about an error of Kafka. librdkafka gives its own errors names with an underscore."""
# ruff: noqa: SLF001

from confluent_kafka import KafkaError, KafkaException

from parley.adapters.kafka.access import KafkaAccess
from parley.domain.errors import ErrorCode, ParleyError

_MEANINGS = {
    KafkaError._MSG_TIMED_OUT: "did not confirm in time; whether it was written is unknown: send it again",
    KafkaError.REQUEST_TIMED_OUT: "did not confirm in time; whether it was written is unknown: send it again",
    KafkaError.DUPLICATE_SEQUENCE_NUMBER: "has it from an earlier try, and no longer knows where: send it again",
    KafkaError._TIMED_OUT: "did not answer in time: check that the brokers run and can be reached",
    KafkaError._ALL_BROKERS_DOWN: "cannot be reached: check that the brokers run",
    KafkaError._TRANSPORT: "cannot be reached: check that the brokers run",
    KafkaError._AUTHENTICATION: "refuses the user or password: check PARLEY_LOG_USER and PARLEY_LOG_PASSWORD",
    KafkaError._SSL: "does not agree on TLS: check PARLEY_LOG_CA_FILE and the brokers' certificates",
    KafkaError.UNKNOWN_TOPIC_OR_PART: "has no such topic: create the topics with `parley topics apply`",
    KafkaError._UNKNOWN_TOPIC: "has no such topic: create the topics with `parley topics apply`",
    KafkaError._UNKNOWN_PARTITION: "has no such partition: compare `parley topics status` with PARLEY_PARTITIONS",
    KafkaError.NOT_ENOUGH_REPLICAS: "has too few replicas in sync to accept writes: bring the missing brokers back",
    KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND: "lost a replica while writing: bring the missing brokers back",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "does not let this user use the topic: check the ACLs",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "does not let this user join the group: check the ACLs",
    KafkaError.KAFKA_STORAGE_ERROR: "cannot write to its disk: free space there, then restart that broker",
    KafkaError._QUEUE_FULL: "is slower than the load: too many records wait to be confirmed",
}


_SILENCE = frozenset(
    {
        KafkaError._MSG_TIMED_OUT,
        KafkaError._TIMED_OUT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TRANSPORT,
        KafkaError._WAIT_COORD,
    }
)


def unavailable(error: KafkaError | KafkaException | BufferError, access: KafkaAccess, doing: str) -> ParleyError:
    """Translate an error; nothing is promised about what was under way."""
    cause = error.args[0] if isinstance(error, KafkaException) else error
    if isinstance(cause, KafkaError) and cause.code() in _SILENCE:
        cause = access.trouble.recent() or cause
    if isinstance(cause, KafkaError):
        meaning = _MEANINGS.get(cause.code(), f"answered {cause.name()}: {cause.str()}")
    else:
        meaning = _MEANINGS[KafkaError._QUEUE_FULL]
    return ParleyError(ErrorCode.UNAVAILABLE, f"{doing}: Kafka at {access.brokers} {meaning}")
