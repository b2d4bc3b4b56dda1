"""From what a keyspace is to what this program needs: planned as a pure comparison, applied one at a time, recorded.

Only steps that add are ever executed. A difference that would take something away is refused with its reason.
"""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cassandra import InvalidRequest
from cassandra.cluster import Session
from cassandra.query import SimpleStatement

from parley.adapters.cql.migrations import HISTORY_TABLE, MIGRATIONS, Migration
from parley.domain.errors import ErrorCode, ParleyError

SCOPE: Final = "parley"
_LOCK_S: Final = 120
_LOCK_TABLE: Final = """CREATE TABLE IF NOT EXISTS schema_lock (
    scope text PRIMARY KEY, holder text
) WITH comment = 'Who changes the schema now; a lock whose holder died runs out'"""


@dataclass(frozen=True, slots=True)
class Applied:
    """A step as it was recorded."""

    version: int
    name: str
    checksum: str


@dataclass(frozen=True, slots=True)
class KeyspaceState:
    """What was found: replication (None when there is no keyspace) and the recorded steps."""

    replication: Mapping[str, str] | None
    applied: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """What would be done, in words; and what cannot be, with the way out. While there are refusals nothing is done."""

    steps: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    pending: tuple[Migration, ...] = ()
    create_keyspace: bool = False


def plan(state: KeyspaceState, keyspace: str, replication: Mapping[str, str]) -> SchemaPlan:
    """Compare. Pure, so that the same answer can be shown before it is carried out."""
    known = {migration.version: migration for migration in MIGRATIONS}
    refusals = [*_unknown_steps(state, known), *_replication_refusals(state, keyspace, replication)]
    done = {applied.version for applied in state.applied}
    pending = tuple(migration for migration in MIGRATIONS if migration.version not in done)
    create = state.replication is None
    steps = [f"create keyspace {keyspace} with replication {json.dumps(dict(replication))}"] if create else []
    steps += [f"apply step {migration.version}: {migration.name}" for migration in pending]
    return SchemaPlan(tuple(steps), tuple(refusals), pending, create)


def _unknown_steps(state: KeyspaceState, known: Mapping[int, Migration]) -> list[str]:
    refusals = []
    for applied in state.applied:
        ours = known.get(applied.version)
        if ours is None:
            refusals.append(
                f"step {applied.version} ({applied.name}) was applied by a newer version: run that version, since "
                "going back would take away what it added"
            )
        elif ours.checksum != applied.checksum:
            refusals.append(
                f"step {applied.version} ({applied.name}) was applied in another form than this version knows: the "
                "keyspace belongs to something else, or was changed by hand. Name another keyspace, or restore this one"
            )
    return refusals


def _replication_refusals(state: KeyspaceState, keyspace: str, wanted: Mapping[str, str]) -> list[str]:
    if state.replication is None or dict(state.replication) == dict(wanted):
        return []
    text = (
        f"keyspace {keyspace} has replication {json.dumps(dict(state.replication))}, but the settings say "
        f"{json.dumps(dict(wanted))}: changing it moves data. Set PARLEY_STORE_REPLICATION to what it is, or alter the "
        "keyspace yourself and run a repair"
    )
    return [text]


def replication_of(text: str) -> dict[str, str]:
    """Read `3` or `dc1:3,dc2:3`; raises ParleyError INVALID_FIELD."""
    try:
        if text.strip().isdigit() and int(text) >= 1:
            return {"class": "SimpleStrategy", "replication_factor": str(int(text))}
        pairs = dict(part.strip().split(":") for part in text.split(","))
        return {"class": "NetworkTopologyStrategy", **{name: str(_positive(count)) for name, count in pairs.items()}}
    except ValueError:
        message = f"PARLEY_STORE_REPLICATION is {text!r}; allowed are a number, or data centers such as dc1:3,dc2:3"
        raise ParleyError(ErrorCode.INVALID_FIELD, message, field="store_replication") from None


def _positive(count: str) -> int:
    if int(count) < 1:
        raise ValueError(count)
    return int(count)


def read_state(session: Session, keyspace: str) -> KeyspaceState:
    """Ask the store; the session has no keyspace of its own."""
    rows = session.execute("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = %s", (keyspace,))
    found = list(rows)
    if not found:
        return KeyspaceState(None)
    replication = {name: value.rpartition(".")[2] for name, value in dict(found[0][0]).items()}
    try:
        history = session.execute(
            f'SELECT version, name, checksum FROM "{keyspace}".schema_migrations WHERE scope = %s',  # noqa: S608
            (SCOPE,),
        )
        return KeyspaceState(replication, tuple(Applied(*row) for row in history))
    except InvalidRequest:
        return KeyspaceState(replication)


def read_progress(session: Session, keyspace: str) -> dict[int, int]:
    """How far each partition of the log is folded into the store."""
    rows = session.execute(f'SELECT log_partition, position FROM "{keyspace}".progress')  # noqa: S608 - checked name
    return {int(partition): int(position) for partition, position in rows}


def verify_schema(session: Session, keyspace: str) -> None:
    """Raise ParleyError UNAVAILABLE unless every step that this program needs was applied, in the form it knows."""
    state = read_state(session, keyspace)
    compared = plan(state, keyspace, state.replication or {})
    if compared.pending or compared.create_keyspace:
        text = f"keyspace {keyspace} lacks {'; '.join(compared.steps)}: run `parley schema apply`"
        raise ParleyError(ErrorCode.UNAVAILABLE, text)
    altered = [refusal for refusal in compared.refusals if "newer version" not in refusal]
    if altered:
        raise ParleyError(ErrorCode.UNAVAILABLE, altered[0])


def apply(session: Session, keyspace: str, replication: Mapping[str, str]) -> Sequence[str]:
    """Carry out the plan, alone; returns what was done. Raises ParleyError when anything is refused."""
    first = plan(read_state(session, keyspace), keyspace, replication)
    _raise_refusals(first)
    if not first.steps:
        return ()
    if first.create_keyspace:
        options = ", ".join(f"'{name}': '{value}'" for name, value in replication.items())
        session.execute(f'CREATE KEYSPACE IF NOT EXISTS "{keyspace}" WITH replication = {{{options}}}')
    session.set_keyspace(keyspace)
    for table in (_LOCK_TABLE, HISTORY_TABLE):
        session.execute(table)
    holder = str(uuid.uuid4())
    _lock(session, holder)
    try:
        compared = plan(read_state(session, keyspace), keyspace, replication)
        _raise_refusals(compared)
        for migration in compared.pending:
            _carry_out(session, migration)
    finally:
        session.execute("DELETE FROM schema_lock WHERE scope = %s IF holder = %s", (SCOPE, holder))
    return first.steps


def _carry_out(session: Session, migration: Migration) -> None:
    for statement in migration.statements:
        result = session.execute(SimpleStatement(statement), timeout=30)
        if not result.response_future.is_schema_agreed:
            text = (
                f"the nodes do not agree on the schema after step {migration.version}: look at them, then apply again"
            )
            raise ParleyError(ErrorCode.UNAVAILABLE, text)
    session.execute(
        "INSERT INTO schema_migrations (scope, version, name, checksum, applied_at) VALUES (%s, %s, %s, %s, %s)",
        (SCOPE, migration.version, migration.name, migration.checksum, int(time.time() * 1000)),
    )


def _lock(session: Session, holder: str) -> None:
    """One at a time: Cassandra does not bear two schema changes at once. A dead holder's lock runs out."""
    deadline = time.monotonic() + _LOCK_S
    while True:
        statement = f"INSERT INTO schema_lock (scope, holder) VALUES (%s, %s) IF NOT EXISTS USING TTL {_LOCK_S}"  # noqa: S608
        row = next(iter(session.execute(statement, (SCOPE, holder))))
        if row[0]:
            return
        if time.monotonic() > deadline:
            text = (
                f"somebody else ({row[-1]}) changes the schema for more than {_LOCK_S} s: wait for him, then try again"
            )
            raise ParleyError(ErrorCode.UNAVAILABLE, text)
        time.sleep(0.5)


def _raise_refusals(compared: SchemaPlan) -> None:
    if compared.refusals:
        raise ParleyError(ErrorCode.FORBIDDEN, "; ".join(compared.refusals))
