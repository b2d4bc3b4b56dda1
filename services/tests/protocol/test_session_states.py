"""The table of a session's life."""

import pytest

from parley.protocol.session_states import TRANSITIONS, Signal, State, diagram, next_state


def test_every_state_can_end_and_nothing_follows_the_end() -> None:
    assert TRANSITIONS[State.CLOSED] == {}
    for state in set(State) - {State.CLOSED}:
        assert next_state(state, Signal.END) is State.CLOSED


def test_every_state_is_reached_from_the_first() -> None:
    reached, new = {State.OPENING}, {State.OPENING}
    while new:
        new = {target for state in new for target in TRANSITIONS[state].values()} - reached
        reached |= new
    assert reached == set(State)


def test_a_signal_without_meaning_in_a_state_is_a_fault_that_names_both() -> None:
    with pytest.raises(ValueError, match=r"opening .* welcomed"):
        next_state(State.OPENING, Signal.WELCOMED)


def test_the_diagram_shows_every_transition_once() -> None:
    lines = diagram().splitlines()
    transitions = sum(len(signals) for signals in TRANSITIONS.values())
    assert len(lines) == len(set(lines)) == transitions + 3
    assert "    ready --> lapsed: expired" in lines
