"""One connection to the store per process: it connects when it can, heals alone, and answers in the event loop."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import structlog
from cassandra.cluster import Cluster, ResponseFuture, Session
from cassandra.query import BatchStatement, BatchType, BoundStatement, PreparedStatement

from parley.adapters.cql.access import CqlAccess, make_cluster
from parley.adapters.cql.failures import unavailable
from parley.adapters.threads.completions import Completion, Completions
from parley.domain.errors import ErrorCode, ParleyError

Row: TypeAlias = tuple[Any, ...]
Bound: TypeAlias = tuple[str, Sequence[Any]]
"""A statement's text and its values."""

_RETRY_S: Final = (0.2, 5.0)
_CONNECT_WAIT_S: Final = 2.0
_log: Final = structlog.get_logger()


@dataclass(slots=True)
class _Connected:
    """What there is once the store was reached."""

    cluster: Cluster
    session: Session
    prepared: dict[str, PreparedStatement]


class CqlSession:
    """Executes prepared statements at LOCAL_QUORUM, within a deadline; every error is ParleyError UNAVAILABLE."""

    def __init__(self, access: CqlAccess, verify: Callable[[Session], None]) -> None:
        """Connect in the background; `verify` raises ParleyError while the schema is not what this program needs."""
        self.access = access
        self._verify = verify
        self._completions = Completions(asyncio.get_running_loop())
        self._trouble = ParleyError(ErrorCode.UNAVAILABLE, f"the store at {access.address} is not connected yet")
        self._connected: _Connected | None = None
        self._ready = asyncio.Event()
        self._preparing: dict[str, asyncio.Task[PreparedStatement]] = {}
        self._connecting = asyncio.create_task(self._connect())

    async def rows(self, statement: str, *values: Any) -> list[Row]:  # noqa: ANN401 - whatever the columns take
        """Execute one statement and return all its rows."""
        connected = await self._reached()
        prepared = await self._prepare(connected, statement)
        return await self._execute(connected, prepared.bind(values))

    async def write(self, statements: Sequence[Bound]) -> None:
        """Execute statements of one partition, or of partitions with the same replicas, in one unlogged batch."""
        connected = await self._reached()
        if len(statements) == 1:
            prepared = await self._prepare(connected, statements[0][0])
            await self._execute(connected, prepared.bind(statements[0][1]))
            return
        batch = BatchStatement(BatchType.UNLOGGED)
        batch.is_idempotent = True
        for text, values in statements:
            prepared = connected.prepared.get(text) or await self._prepare(connected, text)
            batch.add(prepared, values)
        await self._execute(connected, batch)

    def replicas_of(self, key: bytes) -> tuple[Any, ...]:
        """The nodes that hold a partition; partitions with equal ones may share a request."""
        if self._connected is None:
            return ()
        metadata = self._connected.cluster.metadata
        if len(metadata.all_hosts()) == 1:
            return ()
        return tuple(sorted(host.address for host in metadata.get_replicas(self.access.keyspace, key)))

    async def check(self) -> None:
        """Raise ParleyError UNAVAILABLE unless the store answers."""
        await self.rows("SELECT version FROM schema_migrations WHERE scope = ? LIMIT 1", "parley")

    async def close(self) -> None:
        """End the connections."""
        self._connecting.cancel()
        await asyncio.gather(self._connecting, *self._preparing.values(), return_exceptions=True)
        if self._connected is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._connected.cluster.shutdown)

    async def _reached(self) -> _Connected:
        """Wait a moment for the first connection; after that the driver itself knows what it can reach."""
        if self._connected is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CONNECT_WAIT_S):
                    await self._ready.wait()
        if self._connected is None:
            raise self._trouble
        return self._connected

    async def _connect(self) -> None:
        pause_s = _RETRY_S[0]
        while self._connected is None:
            try:
                self._connected = await asyncio.get_running_loop().run_in_executor(None, self._open)
            except ParleyError as error:
                self._trouble = error
                _log.warning("the store is not connected", cause=error.message)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _RETRY_S[1])
        self._ready.set()

    def _open(self) -> _Connected:
        cluster: Cluster | None = None
        try:
            # Names of hosts are resolved when the cluster's object is made: that fails while DNS has no answer.
            cluster = make_cluster(self.access)
            session = cluster.connect(self.access.keyspace)
            self._verify(session)
        except Exception as error:
            if cluster is not None:
                with contextlib.suppress(Exception):
                    cluster.shutdown()
            if isinstance(error, ParleyError):
                raise
            raise unavailable(error, self.access.address) from None
        return _Connected(cluster, session, {})

    async def _prepare(self, connected: _Connected, text: str) -> PreparedStatement:
        known = connected.prepared.get(text)
        if known is not None:
            return known
        if text not in self._preparing:
            self._preparing[text] = asyncio.create_task(self._prepare_once(connected, text))
        return await asyncio.shield(self._preparing[text])

    async def _prepare_once(self, connected: _Connected, text: str) -> PreparedStatement:
        try:
            loop = asyncio.get_running_loop()
            prepared = await loop.run_in_executor(None, lambda: connected.session.prepare(text))
            # Every write carries its own timestamp, so that doing it twice is doing it once.
            prepared.is_idempotent = True
            connected.prepared[text] = prepared
        except Exception as error:  # noqa: BLE001 - as above
            raise unavailable(error, self.access.address) from None
        else:
            return prepared
        finally:
            del self._preparing[text]

    async def _execute(self, connected: _Connected, statement: BoundStatement | BatchStatement) -> list[Row]:
        future: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        try:
            response = connected.session.execute_async(statement)
        except Exception as error:  # noqa: BLE001 - as above
            raise unavailable(error, self.access.address) from None
        Answer(future, response, self._completions, self.access.address).await_it()
        return await future


class Answer:
    """Collects the pages of one response in the driver's thread, and hands them over to the loop."""

    __slots__ = ("_address", "_completions", "_future", "_response", "_rows")

    def __init__(
        self, future: "asyncio.Future[list[Row]]", response: ResponseFuture, completions: Completions, address: str
    ) -> None:
        """Wait for nothing yet."""
        self._future = future
        self._response = response
        self._completions = completions
        self._address = address
        self._rows: list[Row] = []

    def await_it(self) -> None:
        """The future has the rows, or a ParleyError, once this and all further pages are there."""
        self._response.add_callbacks(self._page, self._failed)

    def _page(self, rows: Sequence[Row] | None) -> None:
        self._rows.extend(rows or ())
        if self._response.has_more_pages:
            try:
                self._response.start_fetching_next_page()
            except Exception as error:  # noqa: BLE001 - the driver would only log it, and somebody waits
                self._failed(error)
            return
        self._completions.deliver([Completion(self._future, self._rows)])

    def _failed(self, error: Exception) -> None:
        self._completions.deliver([Completion(self._future, error=unavailable(error, self._address))])
