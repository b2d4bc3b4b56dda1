"""One conversation's share of a batch: records in, one commit and its timeline events out. Pure."""

from dataclasses import dataclass, field

import msgspec

from parley.domain.conversation import Conversation
from parley.domain.effects import Effects, TargetDeleted, TargetEdited
from parley.domain.entries import Entry, PriorSend, Reaction, Settings, Span
from parley.domain.fold import Declined, Outcome, Repeated, Sequenced, fold, outcome_as_prior, target_of
from parley.domain.records import AddMembers, CreateGroup, Edit, LoggedRecord, Post, Record
from parley.ports.conversation_store import Commit, SendRecord
from parley.protocol import timeline


@dataclass(slots=True)
class ConversationBatch:
    """Folds records of one conversation in log order; what it has decided but not stored is seen by the next one."""

    state: Conversation
    entries: list[Entry] = field(default_factory=list)
    sends: list[SendRecord] = field(default_factory=list)
    spans: list[tuple[int, Span]] = field(default_factory=list)
    settings: list[tuple[int, Settings]] = field(default_factory=list)
    reactions: list[tuple[int, Reaction]] = field(default_factory=list)
    edited: list[tuple[int, TargetEdited]] = field(default_factory=list)
    deleted: list[tuple[int, TargetDeleted]] = field(default_factory=list)
    joined: set[str] = field(default_factory=set)
    """Users who may have this conversation in their lists only since these records."""

    _priors: dict[tuple[str, str], PriorSend] = field(default_factory=dict)
    _targets: dict[int, Entry] = field(default_factory=dict)

    def fold(self, logged: LoggedRecord, prior: PriorSend | None, target: Entry | None) -> timeline.TimelineEvent:
        """Decide a record above the head. `prior` and `target` are what the store holds."""
        record = logged.record
        key = (record.sender, record.client_msg_id)
        target_seq = target_of(record.body)
        if target_seq is not None:
            target = self._targets.get(target_seq, target)
        self.state, outcome = fold(self.state, logged, self._priors.get(key, prior), target)
        send = outcome_as_prior(logged, outcome)
        if send is not None:
            self._priors[key] = send
            self.sends.append(SendRecord(record.sender, record.client_msg_id, send))
        if isinstance(outcome, Sequenced):
            self._take(logged.position, outcome.entry, outcome.effects, target)
        return event_of(record, outcome)

    def repeat(self, logged: LoggedRecord, stored: Entry) -> timeline.TimelineEvent:
        """Write and tell again what a record at or below the head became when it was decided first.

        Membership and reactions are not repeated: they were durable before the head moved past the record.
        """
        record = logged.record
        content = record.body.content if isinstance(record.body, Post) else None
        entry = msgspec.structs.replace(stored, content=content, edited_seq=None, edited_at=None, deleted_seq=None)
        self.joined |= _joining(record)
        outcome = Sequenced(entry, Effects(self.state))
        send = outcome_as_prior(logged, outcome)
        if send is not None:
            self.sends.append(SendRecord(record.sender, record.client_msg_id, send))
        return event_of(record, outcome)

    def commit(self, conversation: str) -> Commit:
        """Everything to be written, the head last decided included."""
        return Commit(
            conversation=conversation,
            head=self.state.head,
            entries=tuple(self.entries),
            sends=tuple(self.sends),
            spans=tuple(self.spans),
            settings=tuple(self.settings),
            reactions=tuple(self.reactions),
            edited=tuple(self.edited),
            deleted=tuple(self.deleted),
        )

    def _take(self, position: int, entry: Entry, effects: Effects, target: Entry | None) -> None:
        self.entries.append(entry)
        self._targets[entry.seq] = entry
        self.spans.extend((position, span) for span in effects.spans)
        self.joined |= {span.user for span in effects.spans if span.joined_seq == entry.seq}
        if effects.settings:
            self.settings.append((position, effects.settings))
        if effects.reaction:
            self.reactions.append((position, effects.reaction))
        if effects.edited:
            self.edited.append((position, effects.edited))
        if effects.deleted and target is not None:
            self.deleted.append((position, effects.deleted))
            self._targets[target.seq] = msgspec.structs.replace(target, content=None, deleted_seq=entry.seq)


def _joining(record: Record) -> frozenset[str]:
    """Whoever a record may have made a member, whatever it was that it met."""
    match record.body:
        case AddMembers(members=members) | CreateGroup(members=members):
            return frozenset({record.sender, *members})
        case Post(peer=str(peer)):
            return frozenset({record.sender, peer})
        case _:
            return frozenset()


def event_of(record: Record, outcome: Outcome) -> timeline.TimelineEvent:
    """What the fanout is to tell about a decision."""
    conversation, sender, key, trace = record.conversation, record.sender, record.client_msg_id, record.trace
    context = record.traceparent
    match outcome:
        case Sequenced(entry=entry):
            return timeline.Sequenced(entry, record.body.content if isinstance(record.body, Edit) else None, context)
        case Repeated(seq=seq, message_id=message_id):
            return timeline.DuplicateOf(conversation, sender, key, seq, message_id, trace, context)
        case Declined(code=code, message=message):
            return timeline.Refused(conversation, sender, key, code, message, trace, context)
