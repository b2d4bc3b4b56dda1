"""Flow control of one connection (promise G6)."""

from hypothesis import given
from hypothesis import strategies as st

from parley.protocol.flow_window import HINT_CONVERSATIONS, HINT_PAUSE_S, FlowWindow

ONE = "00000000-0000-0000-0000-000000000001"
TWO = "00000000-0000-0000-0000-000000000002"


def offer(window: FlowWindow, seq: int, conversation: str = ONE, size: int = 10, now: float = 0.0) -> bool:
    return window.offer(conversation, seq, size, room=True, now=now)


def test_beyond_the_window_in_frames_one_head_remains_per_conversation() -> None:
    window = FlowWindow(frames=2, size=1000)
    assert [offer(window, seq) for seq in range(1, 6)] == [True, True, False, False, False]
    assert not offer(window, 9, TWO)
    assert window.hint(room=True, now=0.0) == {ONE: 5, TWO: 9}
    assert window.hint(room=True, now=10.0) is None


def test_beyond_the_window_in_bytes_bodies_are_withheld() -> None:
    window = FlowWindow(frames=100, size=25)
    assert [offer(window, seq) for seq in (1, 2, 3)] == [True, True, False]
    assert window.size == 20


def test_a_single_frame_passes_whatever_its_size() -> None:
    window = FlowWindow(frames=100, size=25)
    assert offer(window, 1, size=1000)
    assert not offer(window, 2, size=1)


def test_received_opens_the_window() -> None:
    window = FlowWindow(frames=2, size=1000)
    offer(window, 1)
    offer(window, 2)
    window.confirm({ONE: 1}, 0.0)
    assert (window.frames, window.size) == (1, 10)
    assert offer(window, 3)
    assert not offer(window, 4)


def test_a_body_never_overtakes_the_hint_of_an_earlier_one() -> None:
    window = FlowWindow(frames=1, size=1000)
    offer(window, 1)
    assert not offer(window, 2)
    window.confirm({ONE: 1}, 0.0)
    assert not offer(window, 3)
    assert window.hint(room=True, now=0.0) == {ONE: 3}
    assert offer(window, 4)


def test_a_socket_without_room_gets_neither_body_nor_hint() -> None:
    window = FlowWindow(frames=10, size=1000)
    assert not window.offer(ONE, 1, 10, room=False, now=0.0)
    assert window.hint(room=False, now=100.0) is None
    assert window.hint(room=True, now=0.0) == {ONE: 1}


def test_a_reader_that_confirms_nothing_gets_hints_at_a_slow_pace_only() -> None:
    window = FlowWindow(frames=1, size=1000)
    offer(window, 1)
    offer(window, 2)
    assert window.hint(room=True, now=0.0) == {ONE: 2}
    offer(window, 3)
    assert window.hint(room=True, now=HINT_PAUSE_S / 2) is None
    assert window.hint(room=True, now=HINT_PAUSE_S) == {ONE: 3}


def test_one_hint_names_a_bounded_number_of_conversations() -> None:
    window = FlowWindow(frames=1, size=1000)
    offer(window, 1)
    for number in range(HINT_CONVERSATIONS + 10):
        offer(window, 1, f"conversation-{number}")
    first = window.hint(room=True, now=0.0)
    second = window.hint(room=True, now=HINT_PAUSE_S)
    assert first is not None
    assert second is not None
    assert (len(first), len(second)) == (HINT_CONVERSATIONS, 10)


def test_a_full_window_without_progress_is_a_stall_and_any_progress_ends_it() -> None:
    window = FlowWindow(frames=1, size=1000)
    offer(window, 1, now=0.0)
    assert not window.stalled(100.0, 30.0)
    offer(window, 2, now=100.0)
    assert not window.stalled(129.9, 30.0)
    assert window.stalled(130.0, 30.0)
    window.fetching(130.0)
    assert not window.stalled(159.0, 30.0)
    window.confirm({ONE: 1}, 159.0)
    window.hint(room=True, now=159.0)
    assert not window.blocked
    assert not window.stalled(1000.0, 30.0)


Step = tuple[str, str, int, bool]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["push", "confirm", "hint"]), st.sampled_from([ONE, TWO]), st.integers(1, 60), st.booleans()
        ),
        max_size=120,
    )
)
def test_g6_under_any_traffic_the_window_holds_and_g3_every_seq_is_sent_or_hinted(steps: list[Step]) -> None:
    window = FlowWindow(frames=4, size=100)
    pushed, sent, told = {ONE: 0, TWO: 0}, {ONE: set(), TWO: set()}, {ONE: 0, TWO: 0}  # type: dict[str, int], dict[str, set[int]], dict[str, int]
    for number, (kind, conversation, amount, room) in enumerate(steps):
        now = float(number)
        if kind == "push":
            pushed[conversation] += 1
            if window.offer(conversation, pushed[conversation], amount, room=room, now=now):
                sent[conversation].add(pushed[conversation])
        elif kind == "confirm":
            window.confirm({conversation: amount}, now)
        else:
            told.update(window.hint(room=room, now=now) or {})
        assert window.frames <= 4
        assert window.size <= 100 or window.frames == 1
    while (rest := window.hint(room=True, now=float(len(steps) + 10))) is not None:
        told.update(rest)
    for name, newest in pushed.items():
        assert all(seq in sent[name] or seq <= told[name] for seq in range(1, newest + 1))


def test_g6_a_reader_that_confirms_nothing_is_noticed_even_when_no_further_body_comes() -> None:
    window = FlowWindow(frames=100, size=1000)
    for seq in range(1, 13):
        offer(window, seq, size=95)
    assert window.hint(room=True, now=0.0) is not None
    assert window.stalled(30.0, 30.0)
    window.confirm({ONE: 12}, 30.0)
    assert not window.stalled(90.0, 30.0)


def test_g6_a_reader_whose_socket_was_full_is_noticed_although_its_window_is_nearly_empty() -> None:
    window = FlowWindow(frames=100, size=1000)
    offer(window, 1, size=10)
    assert not window.offer(ONE, 2, 10, room=False, now=0.0)
    assert window.hint(room=True, now=1.0) == {ONE: 2}
    assert window.stalled(30.0, 30.0)
    window.confirm({ONE: 1}, 30.0)
    assert not window.stalled(90.0, 30.0)


def test_a_client_that_has_confirmed_everything_is_free_once_it_was_told() -> None:
    window = FlowWindow(frames=100, size=1000)
    assert not window.offer(ONE, 1, 10, room=False, now=0.0)
    assert window.hint(room=True, now=1.0) == {ONE: 1}
    assert not window.stalled(90.0, 30.0)
