"""Reads what log and store hold at the end, through the same adapters as the roles."""

import os
from collections.abc import Iterable, Mapping
from unittest import mock

import msgspec
from e2e.checker.history import Logged, Stored

from parley.adapters.connect import connect
from parley.contract import INGRESS
from parley.domain.records import Record
from parley.runtime.backends import Backends
from parley.runtime.settings import load_settings

_STEP = 500


async def dump_engines(environment: Mapping[str, str], conversations: Iterable[str]) -> list[Logged | Stored]:
    """Records of the ingress log and rows of these conversations."""
    with mock.patch.dict(os.environ, environment):
        settings = load_settings(node_name="")
    backends = await connect(settings, wanted=frozenset({"log", "store"}))
    try:
        wanted = frozenset(conversations)
        return [*await _logged(backends, wanted), *await _stored(backends, wanted)]
    finally:
        await backends.close()


async def _logged(backends: Backends, wanted: frozenset[str]) -> list[Logged]:
    found: list[Logged] = []
    ends = {
        number: await backends.log.end(INGRESS.name, number)
        for number in range(await backends.log.partitions(INGRESS.name))
    }
    waiting = {number for number, end in ends.items() if end > 0}
    consumer = backends.log.consumer(INGRESS.name, "checker")
    while waiting:
        for record in (await consumer.poll(1_000, 1.0)).records:
            body = msgspec.msgpack.decode(record.value, type=Record)
            if body.conversation in wanted:
                found.append(Logged(body.conversation, body.sender, body.client_msg_id, record.position))
            if record.position + 1 >= ends[record.partition]:
                waiting.discard(record.partition)
    await consumer.close()
    return found


async def _stored(backends: Backends, wanted: frozenset[str]) -> list[Stored]:
    found: list[Stored] = []
    for name, head in (await backends.reader.heads(sorted(wanted))).items():
        for first in range(1, head.seq + 1, _STEP):
            part = await backends.reader.slice(name, first, min(head.seq, first + _STEP - 1))
            found += [Stored(name, e.seq, e.sender, e.client_msg_id, e.position) for e in part.entries]
    return found
