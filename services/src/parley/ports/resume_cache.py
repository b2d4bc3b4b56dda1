"""Heads of conversations and lists of users' conversations, so that coming back costs no read of the message store.

What has to hold (promise G3): whoever registers and then looks here misses no entry that was told before he registered.
Three things can go wrong, and each has its answer.

* A write is missed. The sequencer writes after the store and before the timeline. If it cannot, it tells nothing until
  nobody can trust the cache any more: the cache is trusted only while every partition of the ingress log has a holder
  who renews his hold, and a hold ends by itself after `HOLD_S`. A holder who cannot write renews nothing, tries until
  it has ended, and then goes on without the cache. Trust that ended never comes back: the next hold begins a new
  generation, which is empty.
* A reader fills in late what a writer has overtaken. A miss leaves a mark in the cache, and only whoever still finds
  that mark may fill. Every write removes it; so does every way to lose a key.
* The cache goes back in time: a restart from a snapshot, a replica that takes over without the newest writes. What is
  cached counts only on the server process that it was written to, and a hold that was made on another one has to end
  before anybody goes on.

So an entry that was told is either in the cache, or the cache is not trusted, or what is cached was read from the store
after it; a loss of any kind costs reads and nothing else. The clocks of sequencers and of the cache have to agree
within `CLOCKS_AGREE_S`, and a sequencer that lost its partition without noticing has to notice within a hold's life.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from parley.domain.entries import Head

HOLD_S: Final = 4.0
"""How long the cache is trusted after a partition's hold was renewed the last time."""

HOLD_REACHES_S: Final = 1.0
"""A renewal or a write that takes longer to arrive does nothing."""

CLOCKS_AGREE_S: Final = 1.0

KEPT_S: Final = 3600.0
"""What nobody used or wrote for so long is forgotten; to be used prolongs it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Who makes the trust of these partitions; `partitions` is how many the log has altogether.

    `taken` were just given to this process, `kept` it has held since its last call. `owner` is unique to the process.
    """

    owner: str
    partitions: int
    taken: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found. `ticket` is what may be filled: it is meant for `fill` alone, None where nothing may."""

    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    heads: Mapping[str, Head] = field(default_factory=dict)
    ticket: object | None = None


class ResumeCache(Protocol):
    """Everything may be forgotten at any time. Errors: ParleyError UNAVAILABLE."""

    async def reach(self) -> None:
        """Change nothing; raises when the cache cannot be used now."""
        ...

    async def hold(self, hold: Hold) -> frozenset[int]:
        """Take and renew holds for `HOLD_S`; returns those of `kept` that somebody else has taken meanwhile.

        After an error it is unknown whether they were renewed. It is one also when a hold that was made on a server
        process before this one has not ended yet.
        """
        ...

    async def write(self, heads: Mapping[str, Head], joined: Collection[str]) -> None:
        """Note heads that are stored, and forget the lists of users who joined a conversation; heads never go back.

        An error also when it is not certain that readers see it.
        """
        ...

    async def look(self, users: Sequence[str], conversations: Sequence[str]) -> Looked:
        """Lists of these users and heads of these conversations, as far as they are known and trusted."""
        ...

    async def fill(self, ticket: object, lists: Mapping[str, Sequence[str]], heads: Mapping[str, Head]) -> None:
        """Note what was missing and was read from the store after `look` returned."""
        ...
