"""What the log and the store themselves hold, where a history has it: the truth behind what people were shown."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from e2e.checker.history import Logged, Stored
from e2e.checker.violations import Kind, Violation


@dataclass(slots=True)
class Engines:
    """Records and rows by conversation. A history without records says nothing of the log, and so of rows."""

    logged: dict[str, list[Logged]] = field(default_factory=lambda: defaultdict(list))
    stored: dict[str, list[Stored]] = field(default_factory=lambda: defaultdict(list))

    def violations(
        self, acknowledged: Mapping[tuple[str, str], str], failed: Collection[tuple[str, str]]
    ) -> list[Violation]:
        """Compare the promises with the log, the log with the rows, and the rows with each other."""
        found: list[Violation] = []
        if self.logged:
            found += self._never_logged(acknowledged)
        if self.stored:
            found += self._never_stored(acknowledged, failed)
        for conversation, rows in self.stored.items():
            found += self._wrong_rows(conversation, sorted(rows, key=lambda row: row.seq))
        return found

    def _never_logged(self, acknowledged: Mapping[tuple[str, str], str]) -> list[Violation]:
        keys = {(record.conversation, record.sender, record.key) for part in self.logged.values() for record in part}
        return [
            Violation(Kind.LOST, f"{user} was acknowledged {key} in {conversation}, and the log does not have it")
            for (user, key), conversation in acknowledged.items()
            if (conversation, user, key) not in keys
        ]

    def _never_stored(
        self, acknowledged: Mapping[tuple[str, str], str], failed: Collection[tuple[str, str]]
    ) -> list[Violation]:
        keys = {(row.conversation, row.sender, row.key) for part in self.stored.values() for row in part}
        return [
            Violation(Kind.LOST, f"{user} was acknowledged {key} in {conversation}, and the store does not have it")
            for (user, key), conversation in acknowledged.items()
            if (user, key) not in failed and (conversation, user, key) not in keys
        ]

    def _wrong_rows(self, conversation: str, rows: list[Stored]) -> list[Violation]:
        found: list[Violation] = []
        seqs = [row.seq for row in rows]
        if seqs != list(range(1, len(rows) + 1)):
            missing = sorted(set(range(1, max(seqs) + 1)) - set(seqs))[:10]
            found.append(Violation(Kind.HOLE, f"the rows of {conversation} are not dense; missing are seqs {missing}"))
        keys = Counter((row.sender, row.key) for row in rows)
        found += [
            Violation(Kind.DOUBLED, f"{key} of {sender} has {count} rows in {conversation}")
            for (sender, key), count in keys.items()
            if count > 1
        ]
        for before, after in pairwise(rows):
            if after.position <= before.position:
                text = f"rows {before.seq} and {after.seq} of {conversation} were decided the other way round"
                found.append(Violation(Kind.SWAPPED, text))
        if self.logged:
            found += self._without_record(conversation, rows)
        return found

    def _without_record(self, conversation: str, rows: list[Stored]) -> list[Violation]:
        records = {record.position: (record.sender, record.key) for record in self.logged.get(conversation, ())}
        return [
            Violation(Kind.UNKNOWN, f"row {row.seq} of {conversation} has no record of {row.sender} at {row.position}")
            for row in rows
            if records.get(row.position) != (row.sender, row.key)
        ]
