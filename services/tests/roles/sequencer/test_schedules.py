"""G1, G2 and G4 under arbitrary schedules of crashes, zombies, rebalances and retries."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.contract import DEDUPE_WINDOW_MS
from parley.domain.conversation import Conversation
from parley.domain.entries import Entry
from parley.domain.records import Post
from parley.protocol import timeline
from parley.roles.sequencer.batch import ConversationBatch
from tests.roles.sequencer.simulation import FAULTS, ViolationError, World, run


def check(world: World) -> None:
    """Compare what is stored and told with one straight fold of the same log, and with the promises themselves."""
    expected = straight_fold(world)
    stored: dict[str, list[Entry]] = defaultdict(list)
    for key, (_, value) in world.store.cells.items():
        if key[0] == "entry":
            stored[key[1]].append(value)
    for name in expected.keys() | stored.keys():
        rows = sorted(stored[name], key=lambda entry: entry.seq)
        if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
            raise ViolationError(f"{name} is not dense: {[row.seq for row in rows]}")
        if rows != expected[name]:
            raise ViolationError(f"{name} differs from a straight fold of its log")
        if world.store.head(name).seq != len(rows):
            raise ViolationError(f"{name}: head {world.store.head(name)} but {len(rows)} rows")
    told = {
        (event.entry.conversation, event.entry.seq) for event in world.told if isinstance(event, timeline.Sequenced)
    }
    if told != {(entry.conversation, entry.seq) for rows in expected.values() for entry in rows}:
        raise ViolationError("the timeline lacks entries, or has some that are not stored")
    check_duplicates(stored)
    check_accepted_posts(world, stored)


def straight_fold(world: World) -> dict[str, list[Entry]]:
    """Fold the log once, without any crash, knowing everything that came before."""
    batches: dict[str, ConversationBatch] = {}
    for logged in world.log:
        name = logged.record.conversation
        batch = batches.setdefault(name, ConversationBatch(Conversation()))
        entries = {entry.seq: entry for entry in batch.entries}
        target = entries.get(getattr(logged.record.body, "target_seq", 0))
        batch.fold(logged, None, target)
    return defaultdict(list, {name: batch.entries for name, batch in batches.items()})


def check_duplicates(stored: dict[str, list[Entry]]) -> None:
    """No two entries of one key within the window."""
    by_key: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for name, rows in stored.items():
        for row in rows:
            by_key[name, row.sender, row.client_msg_id].append(row.created_at)
    for key, times in by_key.items():
        times.sort()
        if any(later - earlier < DEDUPE_WINDOW_MS for earlier, later in pairwise(times)):
            raise ViolationError(f"{key} was sequenced twice within the window")


def check_accepted_posts(world: World, stored: dict[str, list[Entry]]) -> None:
    """Every direct message in the log is stored under its key: none of them can be refused."""
    keys = {(name, row.sender, row.client_msg_id) for name, rows in stored.items() for row in rows}
    for logged in world.log:
        record = logged.record
        key = (record.conversation, record.sender, record.client_msg_id)
        if isinstance(record.body, Post) and record.body.peer is not None and key not in keys:
            raise ViolationError(f"acknowledged message {record.client_msg_id} is lost")


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_g1_g2_g4_any_schedule_of_crashes_zombies_and_retries_gives_the_rows_of_a_straight_fold(seed: int) -> None:
    check(run(seed))


@pytest.mark.parametrize("fault", FAULTS)
def test_the_simulation_finds_a_planted_fault(fault: str) -> None:
    def violated(seed: int) -> bool:
        try:
            check(run(seed, fault))
        except (ViolationError, KeyError):
            return True
        return False

    assert any(violated(seed) for seed in range(2_000)), f"{fault} went unnoticed in 2,000 schedules"
