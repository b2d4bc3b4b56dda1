"""Run as a process of its own: forgets two members of a group on Kafka, whose topics are deleted meanwhile.

Its arguments are the log's URL and a prefix for its topics. Says `collected` when the garbage collector is through.
"""

import asyncio
import gc
import sys

from parley.adapters.addresses import kafka_access
from parley.adapters.kafka.event_log import KafkaEventLog
from parley.adapters.kafka.topic_admin import TopicAdmin
from parley.contract import INGRESS
from parley.runtime.settings import load_settings

_GROUP = "abandoned"


async def abandon(log_url: str, prefix: str) -> None:
    """Let two members share the partitions, and let go of both: the first one has not been told of its half yet."""
    settings = load_settings(log_url=log_url, store_url="cql://127.0.0.1:1/none", log_prefix=prefix, partitions=4)
    access = kafka_access(settings)
    admin = TopicAdmin(access, 1)
    await asyncio.to_thread(admin.apply)
    log = KafkaEventLog(access)
    first, second = (log.consumer(INGRESS.name, _GROUP) for _ in range(2))
    owned: set[int] = set()
    others: set[int] = set()
    while owned != {0, 1, 2, 3}:
        owned |= (await first.poll(1, 0.01)).assigned
    while owned == {0, 1, 2, 3}:
        await second.poll(1, 0.01)
        owned -= (await first.poll(1, 0.01)).revoked
    while not others:
        others |= (await second.poll(1, 0.1)).assigned
    await asyncio.to_thread(admin.delete)


if __name__ == "__main__":
    asyncio.run(abandon(*sys.argv[1:]))
    gc.collect()
    print("collected", flush=True)  # noqa: T201 - for the test that started it
