"""Sessions for tests, and short ways to ask what one did."""

from typing import Final

from parley.domain.allowance import Allowance
from parley.domain.content import Content
from parley.domain.limits import Limits
from parley.protocol.client_frames import (
    Hello,
    Send,
)
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import ErrorFrame
from parley.protocol.session import Effects, Session
from parley.protocol.session_effects import End, Reply
from parley.protocol.session_states import State
from parley.protocol.vigil import Socket, Timing

LIMITS: Final = Limits(sends_per_second=10.0, sends_burst=5, watched_users=2, resume_conversations=3, window_frames=2)
TIMING: Final = Timing(heartbeat_s=30.0, hello_timeout_s=10.0, stall_timeout_s=30.0, grace_s=10.0)
CONVERSATION: Final = "00000000-0000-0000-0000-000000000001"
IDLE: Final = Socket()


def ready(limits: Limits = LIMITS, expires_at: int | None = None) -> Session:
    session = Session(limits, TIMING, 0.0)
    session.receive(Hello("token", "phone"), 0.0)
    session.identify("ann", "phone", expires_at, Allowance(limits, 0.0))
    session.welcomed()
    return session


def state_of(session: Session) -> State:
    return session.state


def send(number: int = 1) -> Send:
    return Send(id=f"r{number}", client_msg_id=f"m{number}", content=Content("hi"), conversation=CONVERSATION)


def code_of(effects: Effects) -> str:
    frame = reply_of(effects)
    assert isinstance(frame, ErrorFrame), effects
    return frame.code


def reply_of(effects: Effects) -> object:
    assert isinstance(effects[0], Reply), effects
    return effects[0].frame


def close_of(effects: Effects) -> CloseCode:
    end = effects[-1]
    assert isinstance(end, End), effects
    return end.code
