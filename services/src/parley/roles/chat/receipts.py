"""Who got how far: questions about watermarks, and new ones on their way to the receipts log."""

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from parley.contract import RECEIPTS
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_conversation, partition_of
from parley.domain.limits import Limits
from parley.domain.membership import can_see
from parley.ports.conversation_store import ConversationReader
from parley.ports.event_log import EventLog
from parley.ports.watermarks import Progress, WatermarkStore
from parley.protocol.calls import Marks
from parley.protocol.client_frames import Members, ReadBy, Receipts
from parley.protocol.codec import rfc3339
from parley.protocol.server_frames import MemberList, ReadByList, Receipt
from parley.protocol.timeline import Marked
from parley.protocol.views import MemberView, Watermark
from parley.roles.chat.changes import check_seq
from parley.roles.chat.membership_view import MembershipView
from parley.runtime.together import together

_NO_PROGRESS = Progress()
_ENCODER = msgspec.msgpack.Encoder()


class ReceiptQuestions:
    """Answers `receipts`, `read_by` and `members`, each with one read of a partition."""

    def __init__(
        self, reader: ConversationReader, watermarks: WatermarkStore, view: MembershipView, limits: Limits
    ) -> None:
        """Nothing is read yet."""
        self._reader = reader
        self._watermarks = watermarks
        self._view = view
        self._limits = limits

    async def receipts(self, user: str, asked: Receipts) -> Receipt:
        """Everybody's marks in a small conversation; in a large one only one's own."""
        seen = await self._view.seen(user, check_conversation(asked.conversation))
        members = seen.membership.current(seen.end)
        if seen.member and len(members) <= self._limits.receipts_named_members:
            marks = await self._watermarks.of_conversation(seen.conversation)
            shown = {name: mark for name, mark in marks.items() if name in members}
        else:
            own = await self._watermarks.of_user(user, [seen.conversation])
            shown = {user: own[seen.conversation]} if seen.conversation in own else {}
        watermarks = {name: Watermark(mark.delivered, mark.read) for name, mark in shown.items()}
        return Receipt(seen.conversation, watermarks, id=asked.id)

    async def read_by(self, user: str, asked: ReadBy) -> ReadByList:
        """Who has received and who has read one message, among those who may see it."""
        seen = await self._view.seen(user, check_conversation(asked.conversation))
        seq = check_seq(asked.seq)
        entry = (await self._reader.entries(seen.conversation, [seq])).get(seq)
        if entry is None or not can_see(seen.visible, seq) or entry.kind != "message":
            text = f"there is no message at seq {seq} that you can see"
            raise ParleyError(ErrorCode.MESSAGE_NOT_FOUND, text, field="seq")
        marks = await self._watermarks.of_conversation(seen.conversation)
        others = sorted(seen.membership.recipients(seq) - {entry.sender})
        delivered = tuple(name for name in others if marks.get(name, _NO_PROGRESS).delivered >= seq)
        read = tuple(name for name in others if marks.get(name, _NO_PROGRESS).read >= seq)
        waiting = rfc3339(entry.created_at) if others and not delivered and not read else None
        return ReadByList(asked.id, seen.conversation, seq, delivered, read, waiting)

    async def members(self, user: str, asked: Members) -> MemberList:
        """Everybody in the conversation, by name; only for those who are in it themselves."""
        seen = await self._view.seen(user, check_conversation(asked.conversation))
        held = seen.membership.current(seen.end)
        if not seen.member:
            text = f"you are no longer a member of conversation {seen.conversation}"
            raise ParleyError(ErrorCode.NOT_A_MEMBER, text, field="conversation")
        shown = tuple(MemberView(name, span.role, span.joined_seq) for name, span in sorted(held.items()))
        return MemberList(asked.id, seen.conversation, shown)


class ReceiptIntake:
    """Writes marks to the receipts log as they come; the receipts role clips each to what its user may see."""

    def __init__(self, log: EventLog) -> None:
        """Nothing is written yet."""
        self._log = log

    async def take(self, user: str, marks: Marks) -> None:
        """Append every mark to its conversation's partition."""
        partitions = await self._log.partitions(RECEIPTS.name)
        by_partition: dict[int, list[bytes]] = defaultdict(list)
        for name, mark in _canonical(marks.watermarks).items():
            marked = Marked(name, user, max(mark.delivered, mark.read), mark.read)
            if marked.delivered <= 0:
                continue
            by_partition[partition_of(name, partitions)].append(_ENCODER.encode(marked))
        await together(self._log.append(RECEIPTS.name, n, values) for n, values in by_partition.items())


def _canonical(watermarks: Mapping[str, Watermark]) -> dict[str, Watermark]:
    return {check_conversation(name): mark for name, mark in watermarks.items()}
