"""What people write, and the checks that it must pass before it is accepted."""

import re
from typing import Final

import msgspec

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.limits import LARGEST_SEQ, Limits

_CONTENT_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,80}(;[ ]?[a-z-]+=[a-z0-9-]{1,40})?")


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a message: text of a declared type; `reply_to` is the seq of the message it answers."""

    text: str
    content_type: str = "text/plain"
    reply_to: int | None = None


def check_content(content: Content, limits: Limits) -> Content:
    """Refuse a text that is empty or too long, and a type that is not a media type."""
    size = len(content.text.encode())
    if not content.text.strip():
        raise ParleyError(ErrorCode.INVALID_FIELD, "content.text is empty; write something", field="content.text")
    if size > limits.text_bytes:
        message = f"content.text has {size} bytes; at most {limits.text_bytes} bytes of UTF-8 are allowed"
        raise ParleyError(ErrorCode.CONTENT_TOO_LARGE, message, field="content.text")
    if not _CONTENT_TYPE.fullmatch(content.content_type):
        message = f"content.content_type is {content.content_type[:80]!r}; allowed is a media type such as text/plain"
        raise ParleyError(ErrorCode.INVALID_FIELD, message, field="content.content_type")
    if content.reply_to is not None and not 1 <= content.reply_to <= LARGEST_SEQ:
        message = f"content.reply_to is {content.reply_to}; allowed is the seq of a message, 1 or more"
        raise ParleyError(ErrorCode.INVALID_FIELD, message, field="content.reply_to")
    return content


def check_title(title: str, limits: Limits) -> str:
    """Refuse an empty or overlong group title."""
    if title.strip() and len(title) <= limits.title_characters:
        return title.strip()
    message = f"title is {title[:80]!r}; allowed are 1 to {limits.title_characters} characters"
    raise ParleyError(ErrorCode.INVALID_FIELD, message, field="title")


def check_emoji(emoji: str, limits: Limits) -> str:
    """Refuse a reaction that is empty, has spaces, or is longer than any emoji sequence."""
    if emoji and len(emoji.encode()) <= limits.emoji_bytes and not re.search(r"[\s\x00-\x1f]", emoji):
        return emoji
    message = f"emoji is {emoji[:80]!r}; allowed are 1 to {limits.emoji_bytes} bytes without spaces"
    raise ParleyError(ErrorCode.INVALID_FIELD, message, field="emoji")
