"""When a question that chat had no time for is asked again.

Changes are not: only those who made them mark them as retries.
"""

from typing import Final

from parley.domain.errors import ErrorCode
from parley.protocol.calls import Asked, Reply
from parley.protocol.client_frames import CHANGES
from parley.protocol.server_frames import ErrorFrame

_AFTER_MS: Final = 1_000
_DOUBLINGS: Final = 4


def pause_s(asked: Asked, reply: Reply, refusals: int, dice: float) -> float | None:
    """Seconds until the question is asked again, or None where the reply is to be passed on.

    At least what chat wants, twice that after each further refusal, and up to as much again by `dice` (from 0 up to 1),
    so that those who were refused together do not come together again.
    """
    frame = reply.frame
    if isinstance(asked, CHANGES) or not isinstance(frame, ErrorFrame) or frame.code != ErrorCode.OVERLOADED:
        return None
    least_s = (frame.after_ms or _AFTER_MS) / 1_000 * (1 << min(refusals, _DOUBLINGS))
    return least_s * (1 + dice)
