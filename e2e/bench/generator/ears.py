"""What one connected user hears, brought to the tally of the phase that a message belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from e2e.bench.contract import Client, Hear, Place
from e2e.bench.generator.keys import parsed
from e2e.bench.generator.tally import Tally


@dataclass(slots=True)
class Connected:
    """Everybody who is connected by this process, and who lost the connection without our wish."""

    clients: dict[str, Client] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)


class Ears(Hear):
    """Of one user; messages of phases that are over, or of no phase, are passed over."""

    def __init__(self, user: str, tallies: Mapping[str, Tally], connected: Connected) -> None:
        self._user = user
        self._tallies = tallies
        self._connected = connected

    @override
    def acknowledged(self, key: str) -> None:
        if (said := parsed(key)) is not None and (tally := self._tallies.get(said.phase)) is not None:
            tally.accepts(said)

    @override
    def refused(self, key: str | None, why: str) -> None:
        said = parsed(key) if key is not None else None
        for phase, tally in self._tallies.items():
            if said is None or said.phase == phase:
                tally.refuses(said, why)

    @override
    def message(self, place: Place, key: str) -> None:
        said = parsed(key)
        if said is None or said.sender == self._user or (tally := self._tallies.get(said.phase)) is None:
            return
        tally.receives(self._user, place, said)
        if self._user in tally.readers:
            self._connected.clients[self._user].mark_read(place, key)

    @override
    def receipt(self, place: Place, key: str, reader: str) -> None:
        said = parsed(key)
        if said is None or reader == self._user or (tally := self._tallies.get(said.phase)) is None:
            return
        tally.receipts.record(said.age())

    @override
    def closed(self, why: str) -> None:
        self._connected.dropped[self._user] = why
        self._connected.clients.pop(self._user, None)
