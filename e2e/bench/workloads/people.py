"""Who takes part: pairs who talk, the members of groups, and a crowd that is only connected."""

from dataclasses import dataclass
from typing import Final

from e2e.bench.contract import Direct, Group, Population
from e2e.bench.generator.senders import Stream

WHOLE: Final = Group("whole")
PART: Final = Group("part")
GROWN: Final = (5, 50, 500)
"""Sizes of the groups in which the cost of members is measured."""
_SENDERS: Final = 5
_LEAST_PART: Final = 12
"""So that there are senders, healthy readers and stalled ones."""


@dataclass(frozen=True, slots=True)
class People:
    """Everybody whom a product is populated with."""

    talkers: tuple[str, ...]
    members: tuple[str, ...]
    idle: tuple[str, ...]
    grows: bool = False
    """Whether there are groups of all sizes as well."""

    @property
    def population(self) -> Population:
        """Who has an account and who is in which group; all members also in a smaller one."""
        groups = {grown(count).name: self.members[:count] for count in GROWN if self.grows}
        if self.members:
            groups |= {WHOLE.name: self.members, PART.name: self.part}
        talk = tuple(Direct.of(one, other) for one, other in zip(self.talkers[::2], self.talkers[1::2], strict=True))
        return Population((*self.talkers, *self.members, *self.idle), groups, talk)

    @property
    def part(self) -> tuple[str, ...]:
        """The members of the smaller group."""
        return self.members[: max(_LEAST_PART, len(self.members) // 5)]

    @property
    def crowd(self) -> tuple[str, ...]:
        """Those who have a process of the generator for themselves."""
        return (*self.members, *self.idle)

    @property
    def pairs(self) -> list[Stream]:
        """What the first of each pair says to the second."""
        return [
            Stream(one, Direct.of(one, other)) for one, other in zip(self.talkers[::2], self.talkers[1::2], strict=True)
        ]

    @property
    def listeners(self) -> tuple[str, ...]:
        """The second of each pair."""
        return self.talkers[1::2]

    def group(self, group: Group) -> list[Stream]:
        """What the first few members say to a group."""
        return [Stream(member, group, 1 if group == PART else 0) for member in self.members[:_SENDERS]]


def grown(members: int) -> Group:
    """The group of so many members."""
    return Group(f"grown{members}")


def people(idle: int, members: int, pairs: int, *, grows: bool = False) -> People:
    """So many of each."""
    return People(
        tuple(f"t{number:03d}{side}" for number in range(pairs) for side in "ab"),
        tuple(f"m{number:03d}" for number in range(members)),
        tuple(f"i{number:05d}" for number in range(idle)),
        grows,
    )
