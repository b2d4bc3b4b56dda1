"""The driver's inbox keeps the rules of Parley's clients: each entry once, in order, and holes are asked for."""

from hypothesis import given
from hypothesis import strategies as st

from e2e.bench.contract import Direct, Place
from e2e.bench.drivers.parley_inbox import CONFIRM_EVERY, Inbox
from parley.protocol.client_frames import ClientFrame, Received, Sync
from parley.protocol.server_frames import HeadHint, Message, Page
from parley.protocol.views import ConversationView, EntryView


def entry(seq: int) -> EntryView:
    return EntryView(seq, "message", "bob", str(seq), f"k-{seq}", "", seq)


class Harness:
    def __init__(self, cursor: int = 0) -> None:
        self.said: list[ClientFrame] = []
        self.told: list[int] = []
        self.inbox = Inbox("ann", {}, self.said.append, self._tell, {"c": cursor} if cursor else {})

    def _tell(self, place: Place, entry: EntryView) -> None:
        assert place == Direct.of("ann", "bob")
        self.told.append(entry.seq)

    def push(self, *seqs: int) -> None:
        for seq in seqs:
            self.inbox.message(Message("c", entry(seq)))

    def asked(self) -> list[Sync]:
        return [frame for frame in self.said if isinstance(frame, Sync)]

    def answer(self, head: int) -> None:
        """Answer the newest question with everything that there is."""
        question = self.asked()[-1]
        after = question.after or 0
        page = tuple(entry(seq) for seq in range(after + 1, head + 1))[: question.limit]
        last = page[-1].seq if page else after
        assert self.inbox.page(Page(question.id, "c", head, after + 1, last, page, more=last < head))


def test_what_comes_in_order_is_told_at_once() -> None:
    harness = Harness()
    harness.push(1, 2, 3)
    assert harness.told == [1, 2, 3]
    assert harness.asked() == []


def test_a_hole_is_asked_for_once_and_filled_in_order() -> None:
    harness = Harness()
    harness.push(1, 4, 5)
    assert harness.told == [1]
    assert len(harness.asked()) == 1
    harness.answer(5)
    assert harness.told == [1, 2, 3, 4, 5]


def test_a_hint_is_followed_page_by_page() -> None:
    harness = Harness(cursor=10)
    harness.inbox.hint(HeadHint({"c": 250}))
    while harness.told[-1:] != [250]:
        harness.answer(250)
    assert harness.told == list(range(11, 251))
    assert len(harness.asked()) == 3


def test_with_a_memory_a_welcome_asks_for_what_was_missed_and_without_one_it_does_not() -> None:
    view = ConversationView("c", "direct", 9, 9, peer="bob")
    back, new = Harness(cursor=7), Harness()
    back.inbox.begin([view], anew=False)
    new.inbox.begin([view], anew=True)
    back.answer(9)
    new.push(10)
    assert (back.told, new.told) == ([8, 9], [10])


def test_everything_is_confirmed_after_a_while() -> None:
    harness = Harness()
    harness.push(*range(1, CONFIRM_EVERY + 1))
    assert Received({"c": CONFIRM_EVERY}) in harness.said


@given(st.lists(st.integers(min_value=1, max_value=20), max_size=40))
def test_whatever_is_pushed_nothing_is_told_twice_or_out_of_order(pushed: list[int]) -> None:
    harness = Harness()
    for seq in pushed:
        harness.push(seq)
    if harness.inbox.cursors().get("c", 0) < max(pushed, default=0):
        harness.answer(max(pushed))
    assert harness.told == list(range(1, max(pushed, default=0) + 1))
