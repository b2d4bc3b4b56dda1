"""Identities that two parties derive alike, and names that are refused by name."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import (
    check_conversation,
    check_key,
    check_name,
    direct_conversation_id,
    group_conversation_id,
    partition_of,
)
from parley.domain.position import generation_of, message_id_of, offset_of, position_of

names = st.text(min_size=1, max_size=20)


@given(names, names)
def test_a_direct_conversation_has_one_id_from_both_sides(one: str, other: str) -> None:
    assert direct_conversation_id(one, other) == direct_conversation_id(other, one)


@given(names, names, names, names)
def test_two_pairs_of_users_never_share_a_direct_conversation(a: str, b: str, c: str, d: str) -> None:
    if sorted((a, b)) != sorted((c, d)):
        assert direct_conversation_id(a, b) != direct_conversation_id(c, d)


def test_names_cannot_be_shifted_between_the_parts_of_an_id() -> None:
    assert direct_conversation_id("a:1:b", "c") != direct_conversation_id("a", "b:1:c")
    assert group_conversation_id("ab", "c") != group_conversation_id("a", "bc")


@given(st.uuids(), st.integers(1, 1024))
def test_a_partition_exists(conversation: uuid.UUID, partitions: int) -> None:
    assert 0 <= partition_of(str(conversation), partitions) < partitions


def test_the_partition_of_a_conversation_never_changes_between_releases() -> None:
    assert [partition_of(f"6a1c6d0e-5d3f-5f0b-9a53-1d8f6c0f7c{n:02x}", 64) for n in range(6)] == [
        42, 63, 54, 47, 40, 56,
    ]  # fmt: skip


@pytest.mark.parametrize("bad", ["", " ann", "ann\n", "a" * 129, "a\x00b"])
def test_a_bad_name_is_refused_with_its_field_and_what_is_allowed(bad: str) -> None:
    with pytest.raises(ParleyError, match=r"to is .*; allowed are 1 to 128 characters") as refusal:
        check_name(bad, "to")
    assert (refusal.value.code, refusal.value.field) == (ErrorCode.INVALID_FIELD, "to")


def test_a_key_has_at_most_64_characters() -> None:
    assert check_key("k" * 64)
    with pytest.raises(ParleyError, match="1 to 64 characters"):
        check_key("k" * 65)


def test_a_conversation_id_is_brought_into_its_one_form() -> None:
    value = "6A1C6D0E-5D3F-5F0B-9A53-1D8F6C0F7C11"
    assert check_conversation(value) == value.lower()
    with pytest.raises(ParleyError, match="a conversation id is a UUID"):
        check_conversation("general")


@given(st.integers(0, 1000), st.integers(0, 2**44 - 1))
def test_a_position_holds_generation_and_offset(generation: int, offset: int) -> None:
    position = position_of(generation, offset)
    assert (generation_of(position), offset_of(position)) == (generation, offset)


@given(st.integers(1_704_067_200_000, 3_900_000_000_000), st.integers(0, 1023), st.integers(0, 2**44 - 1))
def test_a_message_id_fits_63_bits_and_grows_with_time(at_ms: int, partition: int, offset: int) -> None:
    message_id = message_id_of(at_ms, partition, offset)
    assert 0 <= message_id < 2**63
    assert message_id_of(at_ms + 1, 0, 0) > message_id
