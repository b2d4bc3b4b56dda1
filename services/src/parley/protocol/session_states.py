"""The life of a session as a table: what may happen in which state, and where it leads.

The documentation's diagram is drawn from the same table.
"""

from enum import Enum
from typing import Final


class State(Enum):
    """Where a session stands."""

    OPENING = "opening"
    RESUMING = "resuming"
    READY = "ready"
    LAPSED = "lapsed"
    DRAINING = "draining"
    CLOSED = "closed"


class Signal(Enum):
    """What moves a session."""

    HELLO = "hello"
    WELCOMED = "welcomed"
    EXPIRED = "expired"
    RENEWED = "renewed"
    DRAIN = "drain"
    END = "end"


TRANSITIONS: Final[dict[State, dict[Signal, State]]] = {
    State.OPENING: {Signal.HELLO: State.RESUMING, Signal.DRAIN: State.CLOSED, Signal.END: State.CLOSED},
    State.RESUMING: {Signal.WELCOMED: State.READY, Signal.DRAIN: State.CLOSED, Signal.END: State.CLOSED},
    State.READY: {
        Signal.RENEWED: State.READY,
        Signal.EXPIRED: State.LAPSED,
        Signal.DRAIN: State.DRAINING,
        Signal.END: State.CLOSED,
    },
    State.LAPSED: {Signal.RENEWED: State.READY, Signal.DRAIN: State.CLOSED, Signal.END: State.CLOSED},
    State.DRAINING: {Signal.RENEWED: State.DRAINING, Signal.EXPIRED: State.CLOSED, Signal.END: State.CLOSED},
    State.CLOSED: {},
}


def next_state(state: State, signal: Signal) -> State:
    """Follow the table; raises ValueError for a signal that has no meaning in a state, which is a fault of ours."""
    try:
        return TRANSITIONS[state][signal]
    except KeyError:
        message = f"a session that is {state.value} cannot take the signal {signal.value}"
        raise ValueError(message) from None


def diagram() -> str:
    """Draw the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.OPENING.value}"]
    for state, signals in TRANSITIONS.items():
        lines += [f"    {state.value} --> {target.value}: {signal.value}" for signal, target in signals.items()]
    return "\n".join([*lines, f"    {State.CLOSED.value} --> [*]"]) + "\n"
