"""`parley schema`: which steps a keyspace lacks, and what is never done."""

import re

import pytest

from parley.adapters.cql.migrations import MIGRATIONS
from parley.adapters.cql.schema import Applied, KeyspaceState, plan, replication_of
from parley.domain.errors import ParleyError

THREE = replication_of("3")
ALL = tuple(Applied(step.version, step.name, step.checksum) for step in MIGRATIONS)


def test_an_empty_store_gets_the_keyspace_and_every_step() -> None:
    compared = plan(KeyspaceState(None), "parley", THREE)
    assert compared.create_keyspace
    assert compared.pending == MIGRATIONS
    assert compared.refusals == ()
    assert len(compared.steps) == len(MIGRATIONS) + 1


def test_what_was_applied_needs_nothing_more() -> None:
    assert plan(KeyspaceState(THREE, ALL), "parley", THREE).steps == ()


@pytest.mark.parametrize("done", range(len(MIGRATIONS)))
def test_an_interrupted_apply_goes_on_where_it_stopped(done: int) -> None:
    assert plan(KeyspaceState(THREE, ALL[:done]), "parley", THREE).pending == MIGRATIONS[done:]


def test_a_keyspace_of_a_newer_version_is_refused() -> None:
    newer = Applied(len(ALL) + 1, "something new", "?")
    (refusal,) = plan(KeyspaceState(THREE, (*ALL, newer)), "parley", THREE).refusals
    assert "was applied by a newer version" in refusal


def test_a_step_that_was_applied_in_another_form_is_refused() -> None:
    other = Applied(1, MIGRATIONS[0].name, "another checksum")
    (refusal,) = plan(KeyspaceState(THREE, (other, *ALL[1:])), "parley", THREE).refusals
    assert "in another form" in refusal


def test_another_replication_is_refused_because_changing_it_moves_data() -> None:
    (refusal,) = plan(KeyspaceState(replication_of("1"), ALL), "parley", THREE).refusals
    assert "PARLEY_STORE_REPLICATION" in refusal


def test_no_step_takes_anything_away_and_each_may_be_executed_again() -> None:
    for step in MIGRATIONS:
        for statement in step.statements:
            assert not re.search(r"\b(DROP|TRUNCATE|DELETE|RENAME)\b", statement)
            assert "IF NOT EXISTS" in statement


@pytest.mark.parametrize("text", ["", "0", "-1", "dc1", "dc1:0", "dc1:x", "three"])
def test_a_replication_that_is_none_names_the_setting_the_value_and_what_is_allowed(text: str) -> None:
    with pytest.raises(ParleyError, match=r"PARLEY_STORE_REPLICATION is .*allowed are") as caught:
        replication_of(text)
    assert repr(text) in str(caught.value)


def test_replication_by_data_center_is_read() -> None:
    assert replication_of("dc1:3, dc2:2") == {"class": "NetworkTopologyStrategy", "dc1": "3", "dc2": "2"}
