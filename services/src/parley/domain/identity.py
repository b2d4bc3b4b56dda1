"""Identities that two parties can derive without asking each other."""

import hashlib
import re
import uuid
from functools import lru_cache
from typing import Final

from parley.domain.errors import ErrorCode, ParleyError

_DIRECT: Final = uuid.UUID("6a1c6d0e-5d3f-5f0b-9a53-1d8f6c0f7c11")
_GROUP: Final = uuid.UUID("b7e0f7d8-3f0c-5b36-8f2c-92a4d1c45e02")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_USER_CHARACTERS: Final = 128
_KEY_CHARACTERS: Final = 64
_REMEMBERED: Final = 16_384
"""Names that are at work now: every stage of a message's way asks for the same ones again."""


def _joined(*parts: str) -> str:
    """Prefix every part with its length, so that no two lists of parts give the same text."""
    return "".join(f"{len(part.encode())}:{part}" for part in parts)


@lru_cache(_REMEMBERED)
def direct_conversation_id(one: str, other: str) -> str:
    """Give the id of the only direct conversation of two users, the same from both sides (UUIDv5)."""
    return str(uuid.uuid5(_DIRECT, _joined(*sorted((one, other)))))


def group_conversation_id(creator: str, client_msg_id: str) -> str:
    """Give the id of the group that this creation makes, so that a retried creation makes no second group (UUIDv5)."""
    return str(uuid.uuid5(_GROUP, _joined(creator, client_msg_id)))


@lru_cache(_REMEMBERED)
def partition_of(conversation: str, partitions: int) -> int:
    """Choose the partition of a conversation: our own hash, the same in every process and every client library."""
    return int.from_bytes(hashlib.blake2b(conversation.encode(), digest_size=8).digest()) % partitions


def check_conversation(value: str, field: str = "conversation") -> str:
    """Return the id in its canonical form, or refuse it by name."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        message = f"{field} is {value[:80]!r}; a conversation id is a UUID such as {uuid.NAMESPACE_DNS}"
        raise ParleyError(ErrorCode.INVALID_FIELD, message, field=field) from None


def check_name(value: str, field: str, maximum: int = _USER_CHARACTERS) -> str:
    """Accept a user, device or client id: 1 to `maximum` characters without control characters."""
    if 1 <= len(value) <= maximum and not _CONTROL.search(value) and value == value.strip():
        return value
    message = (
        f"{field} is {value[:80]!r}; allowed are 1 to {maximum} characters without control characters "
        "or spaces at the ends"
    )
    raise ParleyError(ErrorCode.INVALID_FIELD, message, field=field)


def check_key(value: str, field: str = "client_msg_id") -> str:
    """Accept a client_msg_id or device id: 1 to 64 characters."""
    return check_name(value, field, _KEY_CHARACTERS)
