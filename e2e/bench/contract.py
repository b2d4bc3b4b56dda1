"""What a product offers to be measured, and what a client of it can do; the generator knows no more of any product."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Direct:
    """The conversation of two people; equal from either side."""

    first: str
    second: str

    def __post_init__(self) -> None:
        """Refuse a second spelling of the same conversation."""
        if not self.first < self.second:
            raise ValueError(
                f"a direct conversation names its people in order, not {self.first!r} before {self.second!r}"
            )

    @classmethod
    def of(cls, one: str, other: str) -> "Direct":
        """Their conversation."""
        return cls(*sorted((one, other)))

    def other(self, user: str) -> str:
        """The one who is not this user."""
        return self.second if user == self.first else self.first


@dataclass(frozen=True, slots=True)
class Group:
    """A group, by the name that the population gives it."""

    name: str


Place: TypeAlias = Direct | Group


@dataclass(frozen=True, slots=True)
class Population:
    """Who has an account, and who is in which group; the first member of a group owns it.

    `pairs` are about to talk: a product on which that takes preparations makes them.
    """

    users: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pairs: tuple[Direct, ...] = ()


class Ability(StrEnum):
    """What not every product has; a workload that needs it leaves out those without."""

    ACCOUNTS = "accounts"
    """It keeps accounts itself; without, whoever has a signed token is a user."""
    GROUPS = "groups"
    HISTORY = "history"
    RECEIPTS = "receipts"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Target:
    """How a process of the generator reaches a running product; it goes to that process pickled.

    `driver` is a name of `e2e.bench.drivers`; `parameters` are the driver's own (a domain, a secret, tokens).
    """

    driver: str
    host: str
    port: int
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Most:
    """The most of what a product is given, where more would take minutes; None where it would not."""

    members: int | None = None
    """Of the largest group."""
    people: int | None = None
    """Who are connected and silent, or come back at once."""
    history: int | None = None
    """Messages of the conversation whose pages are read."""


@dataclass(frozen=True, slots=True)
class Takes:
    """How long a product takes on two quiet cores, about, so that a run can say how long it will be."""

    setup_s: float
    """To start, populate, connect and end it."""
    times: float = 1.0
    """Its workloads, in times those of a product that keeps up."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reader must know to judge the numbers."""

    version: str
    engine: str
    """Where messages are kept, with its version."""
    durability: str
    """What is on disk when a message counts as accepted: the fsync policy, and what the acknowledgement means."""
    configuration: str
    """What differs from the product's defaults, and why."""


class Running(Protocol):
    """A product that runs; all of it ends with `stop`, and with the process that started it."""

    @property
    def target(self) -> Target:
        """Where clients connect."""

    @property
    def facts(self) -> Facts:
        """What runs."""

    @property
    def processes(self) -> Mapping[str, int]:
        """Every process of the product and of its engines: name to process id."""

    @property
    def front(self) -> str:
        """The name of that process which holds the clients' connections."""

    def populate(self, population: Population) -> None:
        """Make the accounts and groups; returns when all of them can be used. What is there already stays."""

    def stop(self) -> None:
        """End it, and everything that it started."""


class Product(Protocol):
    """A product as it is installed; building and fetching happen once and are kept outside the tree."""

    name: str
    abilities: frozenset[Ability]
    most: Most
    takes: Takes

    def missing(self) -> str | None:
        """Why it cannot run here and what would change that; None when it can."""

    def start(self, folder: Path) -> Running:
        """Start it with its data in this empty folder, on 127.0.0.1; returns when it takes clients."""


class Hear(Protocol):
    """What a client tells the generator, at the moment at which it reads it from its socket.

    A key is the first word of a message's text; the generator makes it, and it is unique within a run. It holds
    letters, digits, dots and hyphens, at most 60.
    """

    def acknowledged(self, key: str) -> None:
        """The server has accepted the message for good, as the product defines it (see Facts.durability)."""

    def refused(self, key: str | None, why: str) -> None:
        """The server refused a message, or reported an error that belongs to none."""

    def message(self, place: Place, key: str) -> None:
        """A message arrived, live or as part of what was missed; an echo of one's own message is told too."""

    def receipt(self, place: Place, key: str, reader: str) -> None:
        """`reader` has read everything up to this message, or this message."""

    def closed(self, why: str) -> None:
        """The connection ended without our wish."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a conversation's history: the keys, oldest first, and where the next older page begins."""

    keys: tuple[str, ...]
    older: str | None


class Client(Protocol):
    """One connected and authenticated person."""

    def send(self, place: Place, text: str) -> None:
        """Send a message; it never waits. The first word of the text is its key."""

    def mark_read(self, place: Place, key: str) -> None:
        """Say that everything up to this message, which this client has received, was read (Ability.RECEIPTS)."""

    async def page(self, place: Place, size: int, older: str | None = None) -> Page:
        """The newest `size` messages, or those before a place in the history (Ability.HISTORY)."""

    def pause_reading(self) -> None:
        """Leave everything in the socket from now on, as a stalled reader does."""

    def resume_reading(self) -> None:
        """Go on."""

    def memory(self) -> object:
        """What the next connection of this person needs to resume; picklable, and None where nothing is."""

    def abort(self) -> None:
        """Drop the connection without a word; `Hear.closed` is not told."""

    async def close(self) -> None:
        """Say good-bye and disconnect; `Hear.closed` is not told."""


class Driver(Protocol):
    """Makes the clients of one target within one process and event loop."""

    async def connect(self, user: str, hear: Hear, source: str, memory: object = None) -> Client:
        """Connect from this local address, authenticate, and be ready for every message from now on.

        With the `memory` of an earlier client everything missed since then is told to `hear` as well.
        """

    async def close(self) -> None:
        """Give back what the clients shared."""
