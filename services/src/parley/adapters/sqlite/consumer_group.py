"""How the partitions of a topic are shared among the members of a group in this process."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Reading:
    """One member's way through one partition; a new object after each reassignment or rewind."""

    next_offset: int


@dataclass(slots=True, eq=False)
class Member:
    """What a member may read now, what it must forget, and the signal that something is there for it."""

    readings: dict[int, Reading] = field(default_factory=dict)
    revoked: set[int] = field(default_factory=set)
    assigned: set[int] = field(default_factory=set)
    signal: asyncio.Event = field(default_factory=asyncio.Event)
    turn: int = 0


@dataclass(slots=True)
class ConsumerGroup:
    """Shares evenly, and moves as few partitions as it can; a moved one is read from the last commit."""

    name: str
    partitions: int
    committed: dict[int, int] = field(default_factory=dict)
    registered: bool = False
    members: list[Member] = field(default_factory=list)

    def join(self) -> Member:
        """Add a member; it gets its share at once."""
        member = Member()
        self.members.append(member)
        self._share()
        return member

    def leave(self, member: Member) -> None:
        """Remove a member; the others get what it had."""
        if member not in self.members:
            return
        self.members.remove(member)
        member.revoked.update(member.readings)
        member.readings.clear()
        member.signal.set()
        self._share()

    def advance(self, partition: int, next_offset: int) -> None:
        """Note a durable commit."""
        self.committed[partition] = max(next_offset, self.committed.get(partition, 0))

    def restart(self, member: Member, partition: int) -> None:
        """Let the owner read a partition again from the last commit."""
        if partition in member.readings:
            member.readings[partition] = Reading(self.committed.get(partition, 0))
            member.signal.set()

    def _share(self) -> None:
        if not self.members:
            return
        least, more = divmod(self.partitions, len(self.members))
        held_most_first = sorted(self.members, key=lambda member: -len(member.readings))
        share = {id(member): least + (rank < more) for rank, member in enumerate(held_most_first)}
        for member in self.members:
            for partition in sorted(member.readings)[share[id(member)] :]:
                del member.readings[partition]
                member.assigned.discard(partition)
                member.revoked.add(partition)
                member.signal.set()
        owned = {partition for member in self.members for partition in member.readings}
        free = [partition for partition in range(self.partitions) if partition not in owned]
        for member in self.members:
            while free and len(member.readings) < share[id(member)]:
                partition = free.pop(0)
                member.assigned.add(partition)
                member.readings[partition] = Reading(self.committed.get(partition, 0))
                member.signal.set()
