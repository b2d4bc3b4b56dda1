"""The scanner gives the same stanzas however the bytes were cut, and the readings of a stanza are the right ones."""

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e.bench.drivers.xmpp_acknowledgements import Acknowledgements
from e2e.bench.drivers.xmpp_scanner import StanzaScanner
from e2e.bench.drivers.xmpp_stanzas import (
    archive_id_in,
    attributes,
    displayed,
    displayed_in,
    head_of,
    key_of,
    message_begin,
    message_end,
    page_in,
    result_in,
    value_of,
)

HEADER = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='a>b' from=\"localhost\" version='1.0'>"
FORWARDED = (
    b"<message to='a@localhost/b'><result xmlns='urn:xmpp:mam:2' queryid='q' id='1'>"
    b"<forwarded xmlns='urn:xmpp:forward:0'>"
    b"<delay stamp='x'/><message type='chat' from='c@localhost/b'><body>k-1 x</body><message/></message></forwarded>"
    b"</result></message>"
)
STANZAS = [
    b"<stream:features><mechanisms xmlns='x'><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
    b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    b'<message from="a@localhost/b" note="1 > 0 \'quoted\'"><messages/><body>k-2 &lt;message&gt;</body></message>',
    FORWARDED,
    b"<r xmlns='urn:xmpp:sm:3'/>",
    b"<a xmlns='urn:xmpp:sm:3' h='12'/>",
    b"<iq type='result' id='x'/>",
    b"<message-like>x</message-like>",
]

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
names = st.sampled_from(["message", "messages", "iq", "a", "stream:features", "x-y"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(names)
    attributes = "".join(f" a{number}={quoteattr(draw(words))}" for number in range(draw(st.integers(0, 3))))
    if draw(st.booleans()):
        return f"<{name}{attributes}/>"
    parts: list[str] = [escape(draw(words))]
    if depth:
        parts += draw(st.lists(elements(depth=depth - 1), max_size=2))
    return f"<{name}{attributes}>{''.join(parts)}{escape(draw(words))}</{name}>"


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    borders = [0, *sorted(place for place in set(places) if place <= len(data)), len(data)]
    return [data[begin:end] for begin, end in pairwise(borders)]


def scan(pieces: Iterable[bytes]) -> list[bytes]:
    scanner = StanzaScanner()
    return [stanza for piece in pieces for stanza in scanner.feed(piece)]


def begin_of(stream: bytes) -> bytes:
    return stream[stream.index(b"<stream:stream") :]


def test_a_stream_is_cut_into_its_stanzas() -> None:
    assert scan([HEADER + b" ".join(STANZAS) + b"</stream:stream>"]) == [
        begin_of(HEADER),
        *STANZAS,
        b"</stream:stream>",
    ]


def test_any_single_cut_gives_the_same_stanzas() -> None:
    stream = HEADER + b"\n".join(STANZAS) + b"</stream:stream>"
    whole = scan([stream])
    for place in range(len(stream)):
        assert scan([stream[:place], stream[place:]]) == whole


def test_bytes_one_by_one_give_the_same_stanzas() -> None:
    stream = HEADER + b"".join(STANZAS)
    assert scan(stream[at : at + 1] for at in range(len(stream))) == [begin_of(HEADER), *STANZAS]


@given(st.lists(elements(), max_size=5), st.lists(st.integers(0, 2000), max_size=8), st.sampled_from(["", " ", "\n"]))
def test_any_stanzas_and_any_cuts_give_what_was_written(
    written: Sequence[str], places: Sequence[int], between: str
) -> None:
    stream = HEADER + between.join(written).encode()
    assert scan(cut(stream, places)) == [begin_of(HEADER), *(element.encode() for element in written)]


@pytest.mark.parametrize("seed", range(5))
def test_long_stanzas_in_many_pieces_come_out_whole(seed: int) -> None:
    chosen = random.Random(seed)
    body = "".join(chosen.choice("<&>ab ") for _ in range(50_000))
    written = f"<message><body>{escape(body)}</body></message>".encode()
    pieces = cut(written * 3, [chosen.randrange(len(written) * 3) for _ in range(50)])
    assert scan(pieces) == [written] * 3


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_stanza_is_read_whatever_its_quotes(quote: str) -> None:
    message = (
        "<message type='chat' from='ann@localhost/b' id='k-1'><body>k-1 &lt;body&gt;no</body>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='other@localhost' id='7'/>"
        "<stanza-id xmlns='urn:xmpp:sid:0' id='8' by='bob@localhost'/></message>"
    )
    stanza = message.replace("'", quote).encode()
    assert attributes(stanza) == {"type": "chat", "from": "ann@localhost/b", "id": "k-1"}
    assert value_of(head_of(stanza), b"from") == b"ann@localhost/b"
    assert value_of(head_of(stanza), b"to") == b""
    assert key_of(stanza) == "k-1"
    assert archive_id_in(stanza, "bob@localhost") == "8"
    assert archive_id_in(stanza, "room@conference.localhost") is None
    assert displayed_in(stanza) is None
    assert result_in(stanza) is None


def test_a_marker_has_the_key_of_what_was_read_and_no_text() -> None:
    marker = displayed("ann@localhost", "chat", "k-1", "read-1")
    assert displayed_in(marker) == "k-1"
    assert key_of(marker) is None


def test_a_part_of_an_archive_is_the_message_within() -> None:
    found = result_in(FORWARDED)
    assert found is not None
    query, message = found
    assert query == "q"
    assert attributes(message)["from"] == "c@localhost/b"
    assert key_of(message) == "k-1"


def test_a_page_tells_its_ends_and_whether_it_is_the_last() -> None:
    begin, end = "<iq type='result' id='page-1'><fin xmlns='urn:xmpp:mam:2'", "</set></fin></iq>"
    middle = "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a&amp;b</first><last>c</last>"
    assert page_in(f"{begin}>{middle}{end}".encode()) == (False, "a&b", "c")
    assert page_in(f"{begin} complete='true'>{middle}{end}".encode()) == (True, "a&b", "c")
    assert page_in(f"{begin} complete='true'><set><count>0</count>{end}".encode()) == (True, None, None)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_text_is_sent_as_one_stanza_that_keeps_its_key(text: str) -> None:
    sent = (message_begin("ann@localhost", "chat") + message_end("k-1", f"k-1 {text}")).encode()
    assert scan([sent]) == [sent]
    assert key_of(sent) == "k-1"


@given(st.lists(st.sampled_from(["key", "plain", "refused"]), max_size=30), st.lists(st.integers(0, 30), max_size=10))
def test_each_key_is_accepted_once_in_order_and_never_when_it_was_refused(
    stanzas: Sequence[str], counts: Sequence[int]
) -> None:
    state = Acknowledgements()
    expected, accepted = [], []
    for number, kind in enumerate(stanzas):
        state.send(None if kind == "plain" else f"k-{number}")
        if kind == "refused":
            state.refuse(f"k-{number}")
        if kind == "key":
            expected.append(f"k-{number}")
    for count in sorted(counts):
        accepted += state.accept(count)
        assert state.accepted == min(count, len(stanzas))
    accepted += state.accept(len(stanzas))
    assert accepted == expected
    assert state.waiting == ()
