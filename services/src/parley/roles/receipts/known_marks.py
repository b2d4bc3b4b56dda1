"""Marks of recently active conversations, so that only what changed is written and told."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from parley.ports.watermarks import Progress, WatermarkStore
from parley.runtime.together import together


@dataclass(slots=True)
class ConversationMarks:
    """`stored` as it stands in the store, `told` what this process has told of it since it began."""

    partition: int
    stored: dict[str, Progress]
    told: dict[str, Progress] = field(default_factory=dict)


class KnownMarks:
    """Marks by conversation. A partition has one writer, so what was read once stays true until it is revoked."""

    def __init__(self, store: WatermarkStore, capacity: int) -> None:
        """Remember at most `capacity` conversations between batches; the least recently used is read again."""
        self._store = store
        self._capacity = capacity
        self._known: OrderedDict[str, ConversationMarks] = OrderedDict()

    async def load(self, conversations: Mapping[str, int]) -> dict[str, ConversationMarks]:
        """Marks of these conversations, given as {conversation: partition}."""
        missing = [name for name in conversations if name not in self._known]
        found = await together(self._store.of_conversation(name) for name in missing)
        for name, marks in zip(missing, found, strict=True):
            self._known[name] = ConversationMarks(conversations[name], marks)
        for name in conversations:
            self._known.move_to_end(name)
        return {name: self._known[name] for name in conversations}

    def find(self, conversation: str) -> ConversationMarks | None:
        """Marks that are remembered."""
        return self._known.get(conversation)

    def trim(self) -> None:
        """Let the least recently used go; only between batches."""
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def forget(self, partitions: Iterable[int]) -> None:
        """Remember nothing of these partitions."""
        gone = frozenset(partitions)
        for name in [name for name, marks in self._known.items() if marks.partition in gone]:
            del self._known[name]


def highest(one: Progress, other: Progress) -> Progress:
    """Each mark at its highest; what was read was delivered as well."""
    read = max(one.read, other.read)
    return Progress(max(one.delivered, other.delivered, read), read)
