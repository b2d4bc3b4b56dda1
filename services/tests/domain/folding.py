"""Short ways to write down a log and fold it, for tests of the fold."""

from collections.abc import Iterable

from parley.domain.content import Content
from parley.domain.conversation import Conversation
from parley.domain.entries import Entry, PriorSend
from parley.domain.fold import Outcome, Sequenced, fold, outcome_as_prior, target_of
from parley.domain.identity import direct_conversation_id, group_conversation_id
from parley.domain.records import AnyBody, CreateGroup, LoggedRecord, Post, Record

NOON = 1_800_000_000_000
DIRECT = direct_conversation_id("ann", "bob")
GROUP = group_conversation_id("ann", "create")


def post(text: str = "hello", peer: str | None = None) -> Post:
    """A message."""
    return Post(Content(text), peer)


def group_of(*members: str, open_history: bool = False) -> tuple[str, AnyBody]:
    """The creation of the test group by ann."""
    return "ann", CreateGroup("Friends", members, open_history)


class Folding:
    """Folds one conversation record by record, keeping what a store would keep."""

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        self.state = Conversation()
        self.entries: dict[int, Entry] = {}
        self.priors: dict[tuple[str, str], list[PriorSend]] = {}
        self.position = -1
        self.now = NOON

    def fold(
        self, sender: str, body: AnyBody, key: str | None = None, *, retry: bool = False, later_ms: int = 1
    ) -> Outcome:
        """Append a record `later_ms` after the one before, and fold it."""
        self.position += 1
        self.now += later_ms
        client_msg_id = key or ("create" if isinstance(body, CreateGroup) else f"key-{self.position}")
        record = Record(self.conversation, sender, client_msg_id, body, retry=retry)
        logged = LoggedRecord(record, self.position, self.now, 1_000 + self.position)
        known = self.priors.get((sender, client_msg_id), [])
        target = self.entries.get(target_of(body) or 0)
        self.state, outcome = fold(self.state, logged, known[-1] if known else None, target)
        if isinstance(outcome, Sequenced):
            self._store(outcome)
        prior = outcome_as_prior(logged, outcome)
        if prior is not None:
            self.priors.setdefault((sender, client_msg_id), []).append(prior)
        return outcome

    def fold_all(self, records: Iterable[tuple[str, AnyBody]]) -> list[Outcome]:
        """Fold several records."""
        return [self.fold(sender, body) for sender, body in records]

    def _store(self, outcome: Sequenced) -> None:
        entry = outcome.entry
        self.entries[entry.seq] = entry
        if (deleted := outcome.effects.deleted) is not None:
            old = self.entries[deleted.target_seq]
            fields = {name: getattr(old, name) for name in old.__struct_fields__}
            self.entries[old.seq] = Entry(**fields | {"content": None, "deleted_seq": entry.seq})


def seq_of(outcome: Outcome) -> int:
    """The seq that a record got; fails when it got none."""
    assert isinstance(outcome, Sequenced), outcome
    return outcome.entry.seq
