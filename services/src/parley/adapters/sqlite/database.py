"""One SQLite file behind threads: writes coalesce into one transaction and one fsync, reads see what is committed."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from parley.adapters.sqlite.failures import concerns_everybody, unavailable
from parley.adapters.sqlite.process_lock import ProcessLock
from parley.adapters.sqlite.schema import Schema, check, connect_to, prepare
from parley.adapters.threads.completions import Completion, Completions
from parley.domain.errors import ErrorCode, ParleyError

_Result = TypeVar("_Result")
Work: TypeAlias = Callable[[sqlite3.Connection], _Result]
RunGroup: TypeAlias = Callable[[sqlite3.Connection, Sequence[Work[Any]]], list[Any]]

_GROUP: Final = 2_000
_READS_AT_ONCE: Final = 16
_READERS: Final = 2
_WAITING_JOBS: Final = 20_000


def run_each(connection: sqlite3.Connection, works: Sequence[Work[Any]]) -> list[Any]:
    """Run the works of a transaction one after the other."""
    return [work(connection) for work in works]


class _Job(msgspec.Struct):
    work: Work[Any]
    future: "asyncio.Future[Any]"
    after: Callable[[Any], None] | None = None
    writes: bool = True


@dataclass(slots=True)
class _Files:
    lock: ProcessLock | None
    writer: sqlite3.Connection
    readers: list[sqlite3.Connection] = field(default_factory=list)


def _open_files(path: Path | None, schema: Schema) -> _Files:
    try:
        if path is None:
            writer = connect_to(None)
            prepare(writer, schema, None)
            return _Files(None, writer)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = ProcessLock(path)
    except OSError as error:
        text = f"{path} cannot be opened: {error.strerror}. Name a directory that can be written"
        raise ParleyError(ErrorCode.UNAVAILABLE, text) from None
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            check(connection, schema, path)
        writer = connect_to(path)
        prepare(writer, schema, path)
        readers = [connect_to(path) for _ in range(_READERS)]
    except sqlite3.Error as error:
        lock.release()
        raise unavailable(error, path) from None
    except ParleyError:
        lock.release()
        raise
    for reader in readers:
        reader.execute("PRAGMA query_only = ON")
    return _Files(lock, writer, readers)


class Database:
    """Open it with `open_database`. Works run in threads and must be quick; they get the thread's connection.

    A work in memory reads through the writer, since such a database has only one connection.
    """

    def __init__(self, path: Path | None, files: _Files, run_group: RunGroup) -> None:
        """Start the threads; belongs to the running event loop."""
        self.path = path
        self._files = files
        self._run_group = run_group
        self._loop = asyncio.get_running_loop()
        self._completions = Completions(self._loop)
        self._room = asyncio.Semaphore(_WAITING_JOBS)
        self._writes: SimpleQueue[_Job | None] = SimpleQueue()
        self._reads: SimpleQueue[_Job | None] = SimpleQueue() if files.readers else self._writes
        self._closed = False
        name = path.name if path else "memory"
        self._threads = [threading.Thread(target=self._write_groups, name=f"{name}-writer", daemon=True)]
        for number, connection in enumerate(files.readers):
            arguments = (connection,)
            reader = threading.Thread(target=self._read, args=arguments, name=f"{name}-reader-{number}", daemon=True)
            self._threads.append(reader)
        for thread in self._threads:
            thread.start()

    async def write(self, work: Work[_Result], after: Callable[[_Result], None] | None = None) -> _Result:
        """Run a work in the next transaction; returns when that is durable, raises when it was rolled back.

        `after` is called in the loop with the result of a durable write, also when the caller was cancelled meanwhile.
        """
        return await self._submit(self._writes, work, after, writes=True)

    async def read(self, work: Work[_Result]) -> _Result:
        """Run a work in a read transaction, which sees every write that has returned."""
        return await self._submit(self._reads, work, None, writes=False)

    async def close(self) -> None:
        """Finish what is queued, close the file, let go of the lock."""
        if self._closed:
            return
        self._closed = True
        for _ in self._files.readers:
            self._reads.put(None)
        self._writes.put(None)
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
        for connection in (*self._files.readers, self._files.writer):
            with contextlib.suppress(sqlite3.Error):
                connection.close()
        if self._files.lock:
            self._files.lock.release()

    async def _submit(
        self,
        queue: "SimpleQueue[_Job | None]",
        work: Work[_Result],
        after: Callable[[_Result], None] | None,
        *,
        writes: bool,
    ) -> _Result:
        async with self._room:
            if self._closed:
                raise ParleyError(ErrorCode.UNAVAILABLE, f"{self.path or 'memory'} is closed: the process is stopping")
            future: asyncio.Future[_Result] = self._loop.create_future()
            queue.put(_Job(work, future, after, writes))
            return await future

    def _write_groups(self) -> None:
        connection, ended = self._files.writer, False
        while not ended:
            jobs, ended = _take(self._writes, _GROUP)
            writes = [job for job in jobs if job.writes]
            if writes:
                self._completions.deliver(self._transact(connection, writes))
            reads = [job for job in jobs if not job.writes]
            if reads:
                self._completions.deliver([self._answer(connection, job) for job in reads])

    def _transact(self, connection: sqlite3.Connection, jobs: list[_Job]) -> list[Completion]:
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = self._run_group(connection, [job.work for job in jobs])
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to those who wait
            _roll_back(connection)
            if len(jobs) > 1 and not concerns_everybody(error):
                return [completion for job in jobs for completion in self._transact(connection, [job])]
            return [Completion(job.future, error=self._told(error)) for job in jobs]
        return [Completion(job.future, result, None, job.after) for job, result in zip(jobs, results, strict=True)]

    def _read(self, connection: sqlite3.Connection) -> None:
        ended = False
        while not ended:
            jobs, ended = _take(self._reads, _READS_AT_ONCE)
            self._completions.deliver([self._answer(connection, job) for job in jobs])

    def _answer(self, connection: sqlite3.Connection, job: _Job) -> Completion:
        try:
            connection.execute("BEGIN")
            result = job.work(connection)
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the one who waits
            _roll_back(connection)
            return Completion(job.future, error=self._told(error))
        return Completion(job.future, result)

    def _told(self, error: Exception) -> Exception:
        return unavailable(error, self.path) if isinstance(error, sqlite3.Error) else error


async def open_database(path: Path | None, schema: Schema, run_group: RunGroup = run_each) -> Database:
    """Open or create a file; None keeps everything in memory. Raises ParleyError UNAVAILABLE with what to do."""
    files = await asyncio.to_thread(_open_files, path, schema)
    return Database(path, files, run_group)


def _take(queue: "SimpleQueue[_Job | None]", limit: int) -> tuple[list[_Job], bool]:
    """Wait for a job, then take along what else is there; True after the last one ever."""
    jobs: list[_Job] = []
    job = queue.get()
    with contextlib.suppress(Empty):
        while job is not None:
            jobs.append(job)
            if len(jobs) >= limit:
                return jobs, False
            job = queue.get_nowait()
        return jobs, True
    return jobs, False


def _roll_back(connection: sqlite3.Connection) -> None:
    """SQLite has rolled back by itself after most errors of the disk."""
    with contextlib.suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
