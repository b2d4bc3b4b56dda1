"""What is written to an XMPP server, and what is read out of its stanzas: no more than a client here needs; pure."""

import base64
import re
from typing import Final
from xml.sax.saxutils import escape, unescape

_VALUE: Final = rb"(?:'([^']*+)'|\"([^\"]*+)\")"
_ATTRIBUTE: Final = re.compile(rb"\s([^\s=/>]+)=" + _VALUE)
_HEAD: Final = re.compile(rb"<[^\s/>]+(?:\s+[^\s=]+=(?:'[^']*+'|\"[^\"]*+\"))*+")
_BODY: Final = re.compile(rb"<body(?:\s[^>]*)?>\s*([^\s<&]*)")
_DISPLAYED: Final = re.compile(rb"<displayed\s[^>]*?\bid=" + _VALUE)
_ID_OF_ARCHIVE: Final = re.compile(rb"<stanza-id\s[^>]*>")
_RESULT: Final = re.compile(rb"<result\s[^>]*>")
_FIN: Final = re.compile(rb"<fin\b[^>]*>")
_FIRST: Final = re.compile(rb"<first\b[^>]*>([^<]*)")
_LAST: Final = re.compile(rb"<last\b[^>]*>([^<]*)")

ASK: Final = b"<r xmlns='urn:xmpp:sm:3'/>"
ENABLE: Final = b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>"
END: Final = b"</stream:stream>"
AVAILABLE: Final = b"<presence/>"
BIND: Final = (
    b"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>b</resource></bind></iq>"
)
_ARCHIVE: Final = "urn:xmpp:mam:2"


def header(domain: str) -> bytes:
    """The begin of a stream."""
    return (
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        f"version='1.0' to='{domain}'>"
    ).encode()


def plain(user: str, password: str) -> bytes:
    """SASL PLAIN (RFC 4616)."""
    told = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    return f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{told}</auth>".encode()


def resume(stream_id: str, received: int) -> bytes:
    """Ask for the stream that was lost, and say what of it has come."""
    return f"<resume xmlns='urn:xmpp:sm:3' previd='{escape(stream_id)}' h='{received}'/>".encode()


def answer(received: int) -> bytes:
    """Say how many stanzas have come."""
    return b"<a xmlns='urn:xmpp:sm:3' h='%d'/>" % received


def message_begin(to: str, kind: str) -> str:
    """The part of each message to one address that is always the same; `message_end` follows it."""
    return f"<message to='{to}' type='{kind}' id='"


def message_end(key: str, text: str) -> str:
    """The part that differs."""
    return f"{key}'><body>{escape(text)}</body></message>"


def displayed(to: str, kind: str, key: str, own: str) -> bytes:
    """A marker of XEP-0333: everything up to this message was read."""
    marker = f"<displayed xmlns='urn:xmpp:chat-markers:0' id='{key}'/>"
    return f"<message to='{to}' type='{kind}' id='{own}'>{marker}</message>".encode()


def join(room: str, nick: str) -> bytes:
    """Enter a room without its history."""
    history = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"
    return f"<presence to='{room}/{nick}'>{history}</presence>".encode()


def archive_query(query: str, room: str | None, partner: str | None, bounds: dict[str, str], page: str) -> bytes:
    """Ask one's own archive or a room's for a page; `page` is the inside of its result set's bounds (XEP-0059)."""
    fields = {"with": partner, **bounds}
    form = "".join(
        f"<field var='{name}'><value>{value}</value></field>" for name, value in fields.items() if value is not None
    )
    kind = f"<field var='FORM_TYPE' type='hidden'><value>{_ARCHIVE}</value></field>"
    to = f" to='{room}'" if room else ""
    return (
        f"<iq type='set' id='{query}'{to}><query xmlns='{_ARCHIVE}' queryid='{query}'>"
        f"<x xmlns='jabber:x:data' type='submit'>{kind}{form}</x>"
        f"<set xmlns='http://jabber.org/protocol/rsm'>{page}</set></query></iq>"
    ).encode()


def unsupported(request: bytes) -> bytes:
    """The answer to a request that a client does not know."""
    told = attributes(request)
    to = f" to='{told['from']}'" if "from" in told else ""
    error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    return f"<iq type='error' id='{told.get('id', '')}'{to}>{error}</iq>".encode()


def attributes(stanza: bytes) -> dict[str, str]:
    """Those of the stanza itself, or of the element with which these bytes begin."""
    head = _HEAD.match(stanza)
    if head is None:
        return {}
    return {
        name.decode(): unescape((single or double).decode(), {"&apos;": "'", "&quot;": '"'})
        for name, single, double in _ATTRIBUTE.findall(head[0])
    }


def head_of(stanza: bytes) -> bytes:
    """The start tag without its end."""
    head = _HEAD.match(stanza)
    return b"" if head is None else head[0]


def value_of(head: bytes, name: bytes) -> bytes:
    """One attribute of a start tag as it is written; empty when it is not there."""
    begin = head.find(b" " + name + b"=")
    if begin < 0:
        return b""
    begin += len(name) + 2
    return head[begin + 1 : head.index(head[begin], begin + 1)]


def key_of(message: bytes) -> str | None:
    """The first word of a message's text; None when it has none."""
    body = _BODY.search(message)
    return None if body is None else body[1].decode()


def displayed_in(message: bytes) -> str | None:
    """The key of the message that a marker is for; None in what is no marker."""
    found = _DISPLAYED.search(message)
    return None if found is None else (found[1] or found[2]).decode()


def archive_id_in(message: bytes, archive: str) -> str | None:
    """Under which id a live message is in this archive (XEP-0359)."""
    for found in _ID_OF_ARCHIVE.findall(message):
        told = attributes(found)
        if told.get("by") == archive:
            return told.get("id")
    return None


def result_in(message: bytes) -> tuple[str, bytes] | None:
    """The query that a part of its answer belongs to, and the message that was found; None in anything else."""
    result = _RESULT.search(message)
    if result is None:
        return None
    begin = message.find(b"<message", result.end())
    return attributes(result[0]).get("queryid", ""), message[begin:]


def page_in(answered: bytes) -> tuple[bool, str | None, str | None]:
    """Whether a page is the last one in its direction, and the ids of its first and last message."""
    fin = _FIN.search(answered)
    complete = fin is not None and attributes(fin[0]).get("complete") in ("true", "1")
    return complete, _text_of(_FIRST.search(answered)), _text_of(_LAST.search(answered))


def _text_of(found: re.Match[bytes] | None) -> str | None:
    return None if found is None else unescape(found[1].decode())


def why_of(stanza: bytes) -> str:
    """What a refusal says, in its own words."""
    begin = max(stanza.find(b"<error"), stanza.find(b"<failure"), 0)
    return stanza[begin:].decode(errors="replace")[:300]
