"""Every refusal that a client can meet, in one table; its codes are stable and part of the protocol."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ErrorCode(StrEnum):
    """Stable names of refusals: clients branch on these, never on the text."""

    INVALID_FRAME = "invalid_frame"
    UNKNOWN_FRAME = "unknown_frame"
    INVALID_FIELD = "invalid_field"
    HELLO_REQUIRED = "hello_required"
    UNAUTHENTICATED = "unauthenticated"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a code, not a secret
    ORIGIN_FORBIDDEN = "origin_forbidden"
    NOT_A_MEMBER = "not_a_member"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    MESSAGE_NOT_FOUND = "message_not_found"
    MESSAGE_DELETED = "message_deleted"
    ALREADY_EXISTS = "already_exists"
    GROUP_ONLY = "group_only"
    LAST_OWNER = "last_owner"
    TOO_MANY_MEMBERS = "too_many_members"
    TOO_MANY_WATCHED = "too_many_watched"
    CONTENT_TOO_LARGE = "content_too_large"
    BATCH_TOO_LARGE = "batch_too_large"
    ID_REUSED = "id_reused"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    POISON = "poison"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """How a code travels: its HTTP status, whether the same request may succeed later, and its meaning."""

    http_status: int
    retryable: bool
    meaning: str


ERRORS: Final[dict[ErrorCode, ErrorKind]] = {
    ErrorCode.INVALID_FRAME: ErrorKind(400, False, "The frame or body is not valid JSON or MessagePack of its type."),
    ErrorCode.UNKNOWN_FRAME: ErrorKind(400, False, "The frame's type is not one that this server knows."),
    ErrorCode.INVALID_FIELD: ErrorKind(400, False, "A field has a value that is not allowed; the message names both."),
    ErrorCode.HELLO_REQUIRED: ErrorKind(
        400, False, "The first frame of a connection must be hello, and only the first."
    ),
    ErrorCode.UNAUTHENTICATED: ErrorKind(
        401, False, "The token is missing, malformed, or not signed by a trusted key."
    ),
    ErrorCode.TOKEN_EXPIRED: ErrorKind(401, False, "The token was valid once; get a new one and authenticate again."),
    ErrorCode.ORIGIN_FORBIDDEN: ErrorKind(403, False, "A browser page of this origin may not connect."),
    ErrorCode.NOT_A_MEMBER: ErrorKind(403, False, "No such conversation, or you are not a member of it."),
    ErrorCode.FORBIDDEN: ErrorKind(403, False, "Your role in the conversation does not allow this."),
    ErrorCode.NOT_FOUND: ErrorKind(404, False, "Nothing exists at this path."),
    ErrorCode.METHOD_NOT_ALLOWED: ErrorKind(405, False, "This path does not take this method."),
    ErrorCode.MESSAGE_NOT_FOUND: ErrorKind(404, False, "There is no message at this seq that you can see."),
    ErrorCode.MESSAGE_DELETED: ErrorKind(409, False, "The message was deleted and can no longer change."),
    ErrorCode.ALREADY_EXISTS: ErrorKind(409, False, "It exists already, with another content than you sent."),
    ErrorCode.GROUP_ONLY: ErrorKind(409, False, "A direct conversation has no title, roles or changing members."),
    ErrorCode.LAST_OWNER: ErrorKind(409, False, "A group keeps at least one owner: make somebody else owner first."),
    ErrorCode.TOO_MANY_MEMBERS: ErrorKind(409, False, "The group would have more members than the limit."),
    ErrorCode.TOO_MANY_WATCHED: ErrorKind(400, False, "One connection may watch only so many users."),
    ErrorCode.CONTENT_TOO_LARGE: ErrorKind(413, False, "The text is longer than the limit."),
    ErrorCode.BATCH_TOO_LARGE: ErrorKind(413, False, "The request holds more items than the limit."),
    ErrorCode.ID_REUSED: ErrorKind(409, False, "The client_msg_id was used before for another content."),
    ErrorCode.RATE_LIMITED: ErrorKind(429, True, "More requests than the rate limit; try again after after_ms."),
    ErrorCode.OVERLOADED: ErrorKind(503, True, "The platform sheds load; try again after after_ms."),
    ErrorCode.UNAVAILABLE: ErrorKind(503, True, "A part that this needs does not answer; nothing was acknowledged."),
    ErrorCode.POISON: ErrorKind(500, False, "The record could not be decoded by the sequencer and was set aside."),
    ErrorCode.INTERNAL: ErrorKind(500, True, "An unexpected fault; it was logged with the id in the message."),
}


class ParleyError(Exception):
    """A refusal with its stable code; what is shown to the person who caused it."""

    def __init__(self, code: ErrorCode, message: str, *, field: str | None = None, after_ms: int | None = None) -> None:
        """Keep the parts that the wire form needs: `field` names the offending input, `after_ms` when to try again."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.after_ms = after_ms

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return ERRORS[self.code].retryable
