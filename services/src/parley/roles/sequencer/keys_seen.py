"""Which keys came by lately: it spares looking for the earlier attempt of a record that was merely slow."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from parley.domain.records import OVERTAKEN_MARGIN_MS, LoggedRecord

_SPAN_MS: Final = 2 * OVERTAKEN_MARGIN_MS
"""Keys are remembered for at least so long, in log time."""


@dataclass(slots=True)
class _Tenure:
    """What was seen of one partition since it became ours; keys as hashes, since a collision only costs a lookup."""

    began_at: int
    turned_at: int
    young: set[int] = field(default_factory=set)
    old: set[int] = field(default_factory=set)

    def note(self, key: int, appended_at: int) -> None:
        if appended_at - self.turned_at > _SPAN_MS:
            self.old, self.young, self.turned_at = self.young, set(), appended_at
        self.young.add(key)


class KeysSeen:
    """Never wrong about what certainly has no earlier attempt: what it has not seen for long, it does not know."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._tenures: dict[int, _Tenure] = {}

    def certainly_first(self, records: Iterable[tuple[int, LoggedRecord]]) -> list[bool]:
        """Take the next records with their partitions; for each, whether no attempt that may answer for it came before.

        Every record that is read has to come by here, also one that is folded already.
        """
        verdicts: list[bool] = []
        for partition, logged in records:
            record = logged.record
            tenure = self._tenures.get(partition)
            if tenure is None:
                tenure = self._tenures[partition] = _Tenure(logged.appended_at, logged.appended_at)
            key = hash((record.conversation, record.sender, record.client_msg_id))
            verdicts.append(_covers(tenure, logged) and key not in tenure.young and key not in tenure.old)
            tenure.note(key, logged.appended_at)
        return verdicts

    def forget(self, partitions: frozenset[int]) -> None:
        """Somebody else goes on there, and this process does not see what comes by."""
        for partition in partitions:
            self._tenures.pop(partition, None)


def _covers(tenure: _Tenure, logged: LoggedRecord) -> bool:
    """Whether every attempt that could answer for an unmarked record would have come by within what is remembered."""
    asked_at = logged.record.asked_at
    since_beginning = asked_at - OVERTAKEN_MARGIN_MS >= tenure.began_at + OVERTAKEN_MARGIN_MS
    return since_beginning and logged.appended_at - asked_at <= OVERTAKEN_MARGIN_MS
