"""The key of a message brings everything that its receiver needs."""

from hypothesis import given
from hypothesis import strategies as st

from e2e.bench.generator.keys import key_of, parsed, stream_of

WORDS = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
NUMBERS = st.integers(min_value=0, max_value=2**62)


@given(WORDS, WORDS, st.integers(min_value=0, max_value=999), NUMBERS, NUMBERS)
def test_a_key_says_what_it_was_made_from(phase: str, user: str, place: int, number: int, due: int) -> None:
    stream = stream_of(user, place)
    key = parsed(key_of(phase, stream, number, due))
    assert key is not None
    assert (key.phase, key.stream, key.number, key.due, key.sender) == (phase, stream, number, due, user)


@given(st.text(max_size=40))
def test_any_other_word_is_passed_over(word: str) -> None:
    said = parsed(word)
    assert said is None or word == key_of(*said)
