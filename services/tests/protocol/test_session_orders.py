"""The session of one connection under any order of events."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.allowance import Allowance
from parley.domain.errors import ErrorCode, ParleyError
from parley.protocol.client_frames import (
    AnyClientFrame,
    Authenticate,
    Hello,
    Ping,
    Read,
    Received,
    Send,
    Sync,
    Typing,
    Watch,
)
from parley.protocol.errors import CloseCode
from parley.protocol.session import Effects, Session
from parley.protocol.session_effects import Ask, End, Follow, Reply
from parley.protocol.session_states import State
from tests.protocol.sessions import (
    CONVERSATION,
    IDLE,
    LIMITS,
    TIMING,
    send,
)

FRAMES: Final[list[AnyClientFrame]] = [
    Hello("token", "phone"),
    Authenticate("r1", "token"),
    Ping("r2"),
    send(),
    Sync("r3", CONVERSATION),
    Received({CONVERSATION: 5}),
    Read(CONVERSATION, 3),
    Typing(CONVERSATION),
    Watch("r4", ("bob", "eve", "joe")),
]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(FRAMES),
            st.sampled_from(["tick", "malformed", "drain", "welcomed", "renewed", "end"]),
        ),
        max_size=200,
    ),
    st.lists(st.floats(0.0, 8.0), min_size=200, max_size=200),
)
def test_in_any_order_of_events_every_request_has_one_outcome_and_nothing_follows_the_close(
    events: list[AnyClientFrame | str], pauses: list[float]
) -> None:
    session, now, closes = Session(LIMITS, TIMING, 0.0), 0.0, 0
    for event, pause in zip(events, pauses, strict=False):
        now += pause
        closed_before = session.state is State.CLOSED
        effects = play(session, event, now)
        closes += sum(isinstance(effect, End) for effect in effects)
        assert not (closed_before and effects)
        assert closes == (session.state is State.CLOSED)
        if isinstance(event, Ping | Send | Sync | Watch) and not closed_before:
            outcomes = [effect for effect in effects if isinstance(effect, Reply | Ask | Follow | End)]
            assert len(outcomes) == 1 or closes or session.state is State.RESUMING


def play(session: Session, event: AnyClientFrame | str, now: float) -> Effects:
    if not isinstance(event, str):
        return session.receive(event, now)
    if event == "tick":
        return session.tick(now, int(now * 1000), IDLE)
    if event in {"malformed", "renewed"}:
        return answer(session, event, now)
    if event == "drain":
        return session.drain(1_000, "stop")
    if event == "end":
        return session.end(CloseCode.REPLACED, "replaced")
    if session.state is State.RESUMING:
        session.identify("ann", "phone", int(now * 1000) + 30_000, Allowance(LIMITS, now))
        session.welcomed()
    return ()


def answer(session: Session, event: str, now: float) -> Effects:
    """What the gateway reports only while the connection is read."""
    if session.state in {State.READY, State.LAPSED, State.DRAINING}:
        if event == "renewed":
            return session.renewed("r9", "ann", int(now * 1000) + 30_000)
        return session.malformed(ParleyError(ErrorCode.INVALID_FRAME, "malformed"), None, now)
    return ()
