"""The store's connection: what is pushed arrives in order, however slowly it is read, and an end is noticed."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from cassandra.connection import ConnectionException, DefaultEndPoint

from parley.adapters.cql.access import CqlAccess, make_cluster
from parley.adapters.cql.quick_connection import QuickConnection
from tests.patience import STILL_S

_OPTIONS_BYTES = 9
"""The header of the first request, which the driver sends by itself; it has no body."""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def ends(listening: socket.socket) -> Iterator[tuple[QuickConnection, socket.socket]]:
    """A connection, and its other end."""
    QuickConnection.initialize_reactor()
    connection = QuickConnection(DefaultEndPoint(*listening.getsockname()), protocol_version=4, connect_timeout=STILL_S)
    other, _ = listening.accept()
    other.settimeout(STILL_S)
    with closing(other):
        assert len(_read(other, _OPTIONS_BYTES)) == _OPTIONS_BYTES
        yield connection, other
    connection.close()


def test_what_the_kernel_does_not_take_at_once_arrives_in_order(ends: tuple[QuickConnection, socket.socket]) -> None:
    connection, other = ends
    pieces = [bytes([number % 251]) * 40_000 for number in range(400)]
    for piece in pieces:
        connection.push(piece)
    whole = b"".join(pieces)
    assert _read(other, len(whole)) == whole
    connection.push(b"and on")
    assert _read(other, 6) == b"and on"


def test_pushes_of_several_threads_do_not_mix(ends: tuple[QuickConnection, socket.socket]) -> None:
    connection, other = ends
    size, each, threads = 30_000, 60, 4

    def push_all(name: int) -> None:
        for _ in range(each):
            connection.push(bytes([name]) * size)

    with ThreadPoolExecutor(threads) as pool:
        pushing = [pool.submit(push_all, name) for name in range(threads)]
        data = _read(other, size * each * threads)
        for one in pushing:
            one.result()
    pieces = [data[first : first + size] for first in range(0, len(data), size)]
    assert all(len(set(piece)) == 1 for piece in pieces)
    assert sorted(piece[0] for piece in pieces) == sorted([*range(threads)] * each)


def test_a_server_that_ends_the_connection_is_noticed(ends: tuple[QuickConnection, socket.socket]) -> None:
    connection, other = ends
    other.close()
    _until(lambda: connection.is_closed)


def test_a_push_after_the_end_raises_nothing_and_reaches_nobody(ends: tuple[QuickConnection, socket.socket]) -> None:
    connection, other = ends
    connection.close()
    connection.push(b"late")
    assert _read(other, 4) == b""


def test_g8_no_answer_is_waited_for_without_end(ends: tuple[QuickConnection, socket.socket]) -> None:
    """A thread that waits for ever for a keyspace to be chosen would leave a process without a store for ever."""
    connection, _ = ends
    connection.answer_s = 0.1
    with pytest.raises(ConnectionException, match="keyspace"):
        connection.set_keyspace_blocking("parley")
    assert connection.is_defunct


def test_a_second_request_does_not_wait_for_the_answer_to_the_first(listening: socket.socket) -> None:
    sockopts = make_cluster(CqlAccess(("127.0.0.1",), 9042, "parley")).sockopts
    QuickConnection.initialize_reactor()
    connection = QuickConnection(DefaultEndPoint(*listening.getsockname()), sockopts=sockopts, connect_timeout=STILL_S)
    try:
        assert connection._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    finally:
        connection.close()


def _read(other: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer at the end."""
    data = bytearray()
    while len(data) < size and (more := other.recv(size - len(data))):
        data += more
    return bytes(data)


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STILL_S
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
