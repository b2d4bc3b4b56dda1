"""Cuts a stream of XMPP into its stanzas without looking into them."""

import re
from typing import Final

_TAG: Final = re.compile(rb"<([^\s/>!?][^\s/>]*)[^'\">]*+(?:'[^']*+'[^'\">]*+|\"[^\"]*+\"[^'\">]*+)*+>")
"""A whole start tag, or a tag that is its own end; a `>` in an attribute's value does not end it."""
_STREAM: Final = b"stream:stream"
_STREAM_END: Final = b"</stream:stream>"
_DECLARATION_END: Final = b"?>"


class StanzaScanner:
    """Gives each stanza as the bytes that came, and the stream's own begin and end as stanzas too.

    It rests on what RFC 6120 (11.1 and 11.3) asks of a server: no comments, no processing instructions after the
    declaration, and `<` and `&` only as markup; and on servers that write no CDATA sections, as ours do. Then a `<`
    always begins a tag, and a stanza ends where as many of its name's tags have ended as have begun.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._looked = 0
        """How much of the rest is known not to hold the end of the stanza with which it begins."""

    def feed(self, data: bytes) -> list[bytes]:
        """All stanzas that these bytes complete, in order; whatever the cuts between the bytes were."""
        if self._rest:
            data = self._rest + data
        found: list[bytes] = []
        at = 0
        while True:
            begin = data.find(b"<", at)
            if begin < 0:  # white space between stanzas keeps a connection alive
                self._keep(b"", 0)
                return found
            end = self._end(data, begin, self._looked if at == 0 else 0)
            if end < 0:
                self._keep(data[begin:], len(data) - begin)
                return found
            if data[begin + 1] != ord("?"):
                found.append(data[begin:end])
            at = end

    def _keep(self, rest: bytes, looked: int) -> None:
        self._rest = rest
        self._looked = looked

    def _end(self, data: bytes, begin: int, looked: int) -> int:
        """Where the element that begins here ends; -1 while that has not come."""
        second = data[begin + 1 : begin + 2]
        if second == b"?":
            return _after(data, _DECLARATION_END, begin)
        if second == b"/":
            return _after(data, _STREAM_END, begin)
        tag = _TAG.match(data, begin)
        if tag is None:
            return -1
        name = tag[1]
        if name == _STREAM or data[tag.end() - 2] == ord("/"):
            return tag.end()
        closing = b"</" + name + b">"
        end = _after(data, closing, max(tag.end(), begin + looked - len(closing)))
        if end < 0 or data.find(b"<" + name, tag.end(), end) < 0:
            return end
        return _balanced_end(data, tag.end(), name)


def _after(data: bytes, what: bytes, at: int) -> int:
    """Where the next of these ends; -1 when there is none."""
    found = data.find(what, at)
    return found if found < 0 else found + len(what)


def _balanced_end(data: bytes, at: int, name: bytes) -> int:
    """Where an element ends that has elements of its own name within, as a message that forwards another one."""
    tags = re.compile(
        rb"<(/?)" + re.escape(name) + rb"(?=[\s/>])[^'\">]*+(?:'[^']*+'[^'\">]*+|\"[^\"]*+\"[^'\">]*+)*+>"
    )
    depth = 1
    for tag in tags.finditer(data, at):
        if tag[1]:
            depth -= 1
        elif data[tag.end() - 2] != ord("/"):
            depth += 1
        if depth == 0:
            return tag.end()
    return -1
