"""The session of one connection, frame by frame and second by second."""

import pytest

from parley.domain.allowance import PATIENCE_BURSTS, Allowance
from parley.domain.errors import ErrorCode, ParleyError
from parley.protocol.client_frames import (
    AnyClientFrame,
    Authenticate,
    Hello,
    Ping,
    Read,
    Received,
    Resume,
    Sync,
    Typing,
    Watch,
)
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import Done, ErrorFrame, GoAway, HeadHint, Pong
from parley.protocol.session import MALFORMED_BURST, Session
from parley.protocol.session_effects import Ask, Follow, Introduce, Mark, Probe, Renew, Reply, Tell
from parley.protocol.session_states import State
from parley.protocol.views import Watermark
from parley.protocol.vigil import Socket
from tests.protocol.sessions import (
    CONVERSATION,
    IDLE,
    LIMITS,
    TIMING,
    close_of,
    code_of,
    ready,
    reply_of,
    send,
    state_of,
)


def test_hello_is_introduced_and_after_welcome_the_session_is_ready() -> None:
    session = Session(LIMITS, TIMING, 0.0)
    hello = Hello("token", "phone", {CONVERSATION: 3})
    assert session.receive(hello, 0.0) == (Introduce(hello),)
    assert state_of(session) is State.RESUMING
    session.identify("ann", "phone", None, Allowance(LIMITS, 0.0))
    session.welcomed()
    assert state_of(session) is State.READY


@pytest.mark.parametrize("frame", [Ping("r1"), send(), Received({}), Typing(CONVERSATION)])
def test_any_other_first_frame_is_refused_and_closes(frame: AnyClientFrame) -> None:
    session = Session(LIMITS, TIMING, 0.0)
    effects = session.receive(frame, 0.0)
    assert code_of(effects) == ErrorCode.HELLO_REQUIRED
    assert close_of(effects) is CloseCode.PROTOCOL_ERROR
    assert session.state is State.CLOSED
    assert session.receive(Hello("token", "phone"), 0.0) == ()


def test_a_connection_that_says_nothing_is_closed_after_the_hello_timeout() -> None:
    session = Session(LIMITS, TIMING, 0.0)
    assert session.tick(9.9, 0, IDLE) == ()
    effects = session.tick(10.0, 0, IDLE)
    assert code_of(effects) == ErrorCode.HELLO_REQUIRED
    assert close_of(effects) is CloseCode.PROTOCOL_ERROR


def test_a_second_hello_is_refused_and_does_not_close() -> None:
    session = ready()
    assert code_of(session.receive(Hello("token", "phone"), 0.0)) == ErrorCode.HELLO_REQUIRED
    assert session.state is State.READY


def test_a_ping_is_answered_here_and_other_requests_go_to_chat() -> None:
    session = ready()
    assert session.receive(Ping("r1"), 0.0) == (Reply(Pong("r1")),)
    assert session.receive(send(), 0.0) == (Ask(send()),)
    assert session.receive(Sync("r2", CONVERSATION), 0.0) == (Ask(Sync("r2", CONVERSATION)),)
    assert session.receive(Typing(CONVERSATION), 0.0) == (Tell(Typing(CONVERSATION)),)


def test_received_and_read_become_marks_and_open_the_window() -> None:
    session = ready()
    session.window.offer(CONVERSATION, 7, 100, room=True, now=0.0)
    marks = session.receive(Received({CONVERSATION: 7, "x": 0}), 0.0)
    assert marks == (Mark({CONVERSATION: Watermark(delivered=7)}),)
    assert session.window.frames == 0
    assert session.receive(Read(CONVERSATION, 5), 0.0) == (Mark({CONVERSATION: Watermark(5, 5)}),)


def test_received_with_more_conversations_than_one_may_sync_is_refused() -> None:
    frame = Received({f"c{number}": 1 for number in range(4)})
    assert code_of(ready().receive(frame, 0.0)) == ErrorCode.BATCH_TOO_LARGE


def test_watching_more_users_than_the_limit_is_refused() -> None:
    session = ready()
    assert session.receive(Watch("r1", ("bob", "eve", "bob")), 0.0) == (Follow(Watch("r1", ("bob", "eve", "bob"))),)
    assert code_of(session.receive(Watch("r2", ("bob", "eve", "joe")), 0.0)) == ErrorCode.TOO_MANY_WATCHED


def test_watching_what_cannot_be_a_user_is_refused_by_name() -> None:
    refusal = reply_of(ready().receive(Watch("r1", ("bob", "")), 0.0))
    assert isinstance(refusal, ErrorFrame)
    assert (refusal.code, refusal.field, refusal.id) == (ErrorCode.INVALID_FIELD, "users", "r1")


def test_beyond_the_rate_a_request_is_refused_with_its_id_and_the_time_to_wait() -> None:
    session = ready()
    for number in range(5):
        session.receive(send(number), 0.0)
    refusal = reply_of(session.receive(send(9), 0.0))
    assert isinstance(refusal, ErrorFrame)
    assert (refusal.code, refusal.id, refusal.retryable, refusal.after_ms) == ("rate_limited", "r9", True, 100)
    assert session.receive(send(9), 0.1) == (Ask(send(9)),)


def test_the_rate_is_shared_by_all_connections_of_a_user() -> None:
    one, other, allowance = ready(), ready(), Allowance(LIMITS, 0.0)
    one.identify("ann", "phone", None, allowance)
    other.identify("ann", "laptop", None, allowance)
    for number in range(5):
        (one if number % 2 else other).receive(send(number), 0.0)
    assert code_of(one.receive(send(), 0.0)) == ErrorCode.RATE_LIMITED
    assert code_of(other.receive(send(), 0.0)) == ErrorCode.RATE_LIMITED


def test_g6_a_flood_is_closed() -> None:
    session = ready()
    for number in range(5 + 5 * PATIENCE_BURSTS):
        session.receive(send(number), 0.0)
        assert session.state is State.READY
    assert close_of(session.receive(send(), 0.0)) is CloseCode.FLOODING


def test_a_single_malformed_frame_is_answered_and_many_close() -> None:
    session, error = ready(), ParleyError(ErrorCode.INVALID_FRAME, "the frame is malformed")
    for number in range(MALFORMED_BURST):
        answer = reply_of(session.malformed(error, f"r{number}", 0.0))
        assert isinstance(answer, ErrorFrame)
        assert (answer.code, answer.id) == ("invalid_frame", f"r{number}")
    assert close_of(session.malformed(error, None, 0.0)) is CloseCode.PROTOCOL_ERROR


def test_a_malformed_frame_now_and_then_does_not_close() -> None:
    session, error = ready(), ParleyError(ErrorCode.UNKNOWN_FRAME, "type is 'wave', which no frame has")
    for minute in range(1000):
        session.malformed(error, None, minute * 60.0)
    assert session.state is State.READY


def test_a_malformed_first_frame_closes() -> None:
    session = Session(LIMITS, TIMING, 0.0)
    effects = session.malformed(ParleyError(ErrorCode.INVALID_FRAME, "the frame is malformed"), None, 0.0)
    assert (code_of(effects), close_of(effects)) == (ErrorCode.INVALID_FRAME, CloseCode.PROTOCOL_ERROR)


def test_silence_is_probed_once_after_a_heartbeat_and_closed_after_two() -> None:
    session = ready()
    assert session.tick(29.9, 0, IDLE) == ()
    assert session.tick(30.0, 0, IDLE) == (Probe(),)
    assert session.tick(45.0, 0, IDLE) == ()
    assert close_of(session.tick(60.0, 0, IDLE)) is CloseCode.HEARTBEAT_LOST


def test_a_pong_is_life_and_the_next_silence_is_probed_again() -> None:
    session = ready()
    assert session.tick(30.0, 0, IDLE) == (Probe(),)
    session.vigil.heard_at = 31.0
    assert session.tick(60.0, 0, IDLE) == ()
    assert session.tick(61.0, 0, IDLE) == (Probe(),)


def test_a_token_that_ends_is_told_and_only_a_renewal_keeps_the_session() -> None:
    session = ready(expires_at=1_000)
    assert session.tick(1.0, 999, IDLE) == ()
    assert code_of(session.tick(2.0, 1_000, IDLE)) == ErrorCode.TOKEN_EXPIRED
    assert state_of(session) is State.LAPSED
    assert code_of(session.receive(send(), 2.0)) == ErrorCode.TOKEN_EXPIRED
    request = Authenticate("r1", "newer")
    assert session.receive(request, 3.0) == (Renew(request),)
    assert session.renewed("r1", "ann", 100_000) == (Reply(Done("r1")),)
    assert state_of(session) is State.READY
    assert session.receive(send(), 3.0) == (Ask(send()),)


def test_a_token_that_is_not_renewed_closes_after_the_grace() -> None:
    session = ready(expires_at=1_000)
    session.tick(2.0, 1_000, IDLE)
    assert session.tick(11.9, 10_900, IDLE) == ()
    assert close_of(session.tick(12.0, 11_000, IDLE)) is CloseCode.TOKEN_EXPIRED


def test_a_renewal_with_the_token_of_somebody_else_is_refused() -> None:
    session = ready(expires_at=1_000)
    assert code_of(session.renewed("r1", "eve", 100_000)) == ErrorCode.UNAUTHENTICATED
    assert (session.user, session.expires_at) == ("ann", 1_000)


def test_g6_bytes_that_do_not_move_for_too_long_close_the_connection() -> None:
    session = ready()
    session.tick(0.0, 0, Socket(flushed=100, waiting=50, room=False))
    for second in range(1, 25):
        session.vigil.heard_at = float(second)
        assert session.tick(float(second), 0, Socket(flushed=100, waiting=50 + second, room=False)) == ()
    session.vigil.heard_at = 29.0
    assert session.tick(29.0, 0, Socket(flushed=101, waiting=50, room=False)) == ()
    session.vigil.heard_at = 58.0
    assert session.tick(58.0, 0, Socket(flushed=101, waiting=50, room=False)) == ()
    assert close_of(session.tick(59.0, 0, Socket(flushed=101, waiting=50, room=False))) is CloseCode.TOO_SLOW


def test_g6_a_reader_that_never_says_received_is_closed_as_too_slow() -> None:
    session = ready()
    for seq in range(1, 5):
        session.window.offer(CONVERSATION, seq, 10, room=True, now=0.0)
    assert session.tick(1.0, 0, IDLE) == (Reply(HeadHint({CONVERSATION: 4})),)
    session.vigil.heard_at = 30.0
    assert close_of(session.tick(30.0, 0, IDLE)) is CloseCode.TOO_SLOW


def test_a_reader_that_fetches_what_it_was_told_is_not_too_slow() -> None:
    session = ready()
    for seq in range(1, 5):
        session.window.offer(CONVERSATION, seq, 10, room=True, now=0.0)
    session.receive(Resume("r1", {}), 20.0)
    session.vigil.heard_at = 20.0
    session.tick(40.0, 0, IDLE)
    assert session.state is State.READY


def test_a_drain_asks_those_who_are_ready_to_leave_and_serves_them_until_they_do() -> None:
    session = ready()
    assert session.drain(5_000, "stop") == (Reply(GoAway(5_000, "stop")),)
    assert session.drain(5_000, "stop") == ()
    assert session.receive(send(), 0.0) == (Ask(send()),)
    assert close_of(session.end(CloseCode.GOING_AWAY, "stop")) is CloseCode.GOING_AWAY


def test_a_drain_sends_those_away_who_are_not_ready_yet() -> None:
    assert close_of(Session(LIMITS, TIMING, 0.0).drain(5_000, "stop")) is CloseCode.GOING_AWAY


def test_a_token_that_ends_during_a_drain_ends_the_session() -> None:
    session = ready(expires_at=1_000)
    session.drain(5_000, "stop")
    assert close_of(session.tick(1.0, 1_000, IDLE)) is CloseCode.TOKEN_EXPIRED
