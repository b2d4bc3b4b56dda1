"""How heads and lists are written, and where."""

import zlib
from collections.abc import Sequence

from parley.adapters.redis.commands import Commands
from parley.domain.entries import Head


def encode_head(head: Head) -> str:
    """Three numbers, the seq first: by it the newer of two heads is told."""
    return f"{head.seq} {head.position} {head.messages}"


def decode_head(value: bytes) -> Head:
    """The other way."""
    seq, position, messages = value.split(b" ")
    return Head(int(seq), int(position), int(messages))


def encode_list(conversations: Sequence[str]) -> bytes:
    """Sixteen bytes for each name, after one that no mark of a miss begins with."""
    return b"=" + bytes.fromhex("".join(conversations).replace("-", ""))


def decode_list(value: bytes) -> tuple[str, ...]:
    """The other way."""
    digits = value[1:].hex()
    return tuple(_name(digits[first : first + 32]) for first in range(0, len(digits), 32))


def _name(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class ResumeKeys:
    """Names of keys. A script takes keys of one slot of a cluster, so that they are spread over a few groups."""

    def __init__(self, commands: Commands, groups: int) -> None:
        """`groups` is 1 where there is one server."""
        self._groups = groups
        begins = [commands.key("resume", f"{{{group}}}", "") for group in range(groups)]
        self._heads = [f"{begin}h:" for begin in begins]
        self._lists = [f"{begin}u:" for begin in begins]
        self.holds, self.generation = f"{begins[0]}holds", f"{begins[0]}generation"

    def head(self, conversation: str) -> tuple[int, str]:
        """Its group and its key."""
        group = self._group(conversation)
        return group, self._heads[group] + conversation

    def list(self, user: str) -> tuple[int, str]:
        """Its group and its key."""
        group = self._group(user)
        return group, self._lists[group] + user

    def _group(self, name: str) -> int:
        return zlib.crc32(name.encode()) % self._groups if self._groups > 1 else 0
