"""Consumers that are not closed yet, kept from the garbage collector.

The destructor of an unclosed one leaves its group, but no longer answers what the group asks. While partitions are
shared out anew, librdkafka waits for that answer for ever, and so does whichever thread the collection happened to run
in: the whole process stands still.
"""

import atexit
from typing import Final

from confluent_kafka import Consumer

_open: Final[set[Consumer]] = set()


def open_consumer(configuration: dict[str, object]) -> Consumer:
    """A consumer that lives until `close_consumer`, whether somebody still knows it or not."""
    consumer = Consumer(configuration)
    _open.add(consumer)
    return consumer


def close_consumer(consumer: Consumer) -> None:
    """Leave the group, and let go of the connections. Once is enough; again does nothing."""
    if consumer in _open:
        _open.discard(consumer)
        consumer.close()


@atexit.register
def _close_all() -> None:
    """The end of the interpreter destroys what is left as well."""
    for consumer in list(_open):
        close_consumer(consumer)
