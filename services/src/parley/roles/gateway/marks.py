"""How far users got, merged for a moment, so that reading fast does not mean calling often."""

import asyncio

from parley.protocol.calls import Call, Marks
from parley.protocol.views import Watermark
from parley.roles.gateway.lanes import Lanes


class MarkMerger:
    """Keeps the highest marks per user and conversation for `merge_s`, then calls chat once per user."""

    def __init__(self, lanes: Lanes, merge_s: float) -> None:
        """Send through these lanes."""
        self._lanes = lanes
        self._merge_s = merge_s
        self._marks: dict[str, dict[str, Watermark]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, user: str, watermarks: dict[str, Watermark]) -> None:
        """Merge what one device of the user reports."""
        merged = self._marks.setdefault(user, {})
        for conversation, mark in watermarks.items():
            known = merged.get(conversation)
            merged[conversation] = mark if known is None else highest(known, mark)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._merge_s, self.flush)

    def flush(self) -> None:
        """Send everything now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        marks, self._marks = self._marks, {}
        for user, watermarks in marks.items():
            self._lanes.ask(Call(user, "", Marks(watermarks)), None)


def highest(one: Watermark, other: Watermark) -> Watermark:
    """Each mark at its highest."""
    return Watermark(max(one.delivered, other.delivered), max(one.read, other.read))
