"""The sequencer's rule: which seq a record gets, if any. A pure function of the log's prefix (promises G2, G4, G7).

Nothing here may depend on what a process remembers, on the wall clock or on the moment: the same prefix of the log
gives the same rows, whoever folds it, in whatever batches, however often (data plane design, section 3).
"""

import hashlib
from typing import Final

import msgspec

from parley.contract import DEDUPE_WINDOW_MS
from parley.domain import authority
from parley.domain.conversation import Conversation
from parley.domain.effects import Effects, apply_body, open_direct
from parley.domain.entries import Entry, Head, PriorSend
from parley.domain.errors import ERRORS, ErrorCode
from parley.domain.identity import direct_conversation_id, group_conversation_id
from parley.domain.records import (
    LATE_MS,
    OVERTAKEN_MARGIN_MS,
    AnyBody,
    CreateGroup,
    Delete,
    Edit,
    LoggedRecord,
    Post,
    React,
    Record,
)

_ENCODER: Final = msgspec.msgpack.Encoder()


class Sequenced(msgspec.Struct, frozen=True):
    """The record became the entry; `effects` are what else it changes."""

    entry: Entry
    effects: Effects


class Repeated(msgspec.Struct, frozen=True):
    """The record is a retry of an attempt that became the entry `seq`."""

    seq: int
    message_id: int


class Declined(msgspec.Struct, frozen=True):
    """The record takes no seq. `remember`: a later retry is to find this refusal."""

    code: ErrorCode
    message: str
    remember: bool = True


Outcome = Sequenced | Repeated | Declined


def looks_for_prior(logged: LoggedRecord) -> bool:
    """Whether the fold needs the newest earlier attempt: decided by the record and its place, never by memory."""
    record = logged.record
    late = record.asked_at > 0 and logged.appended_at - record.asked_at > LATE_MS
    return late or is_marked(record)


def is_marked(record: Record) -> bool:
    """Whether the record itself says that it may have an earlier attempt, however old."""
    return record.retry or isinstance(record.body, CreateGroup)


def may_answer(prior: PriorSend, logged: LoggedRecord) -> bool:
    """Whether an earlier attempt counts: any for a marked record, else only one that can have overtaken this one."""
    if not looks_for_prior(logged) or prior.position >= logged.position:
        return False
    return is_marked(logged.record) or prior.appended_at >= logged.record.asked_at - OVERTAKEN_MARGIN_MS


def target_of(body: AnyBody) -> int | None:
    """The seq of the entry that the fold needs to see, if any."""
    return body.target_seq if isinstance(body, Edit | Delete | React) else None


def body_hash(body: AnyBody) -> bytes:
    """What tells a retry from another message under the same key."""
    return hashlib.blake2b(_ENCODER.encode(body), digest_size=16).digest()


def fold(
    state: Conversation, logged: LoggedRecord, prior: PriorSend | None, target: Entry | None
) -> tuple[Conversation, Outcome]:
    """Fold one record above the head.

    `prior` is the newest attempt with the record's key at an earlier position, asked for when `looks_for_prior`;
    `target` is the stored entry `target_of`, which may carry edits from beyond the head.
    """
    outcome = _outcome(state, logged, prior, target)
    seq, messages = state.head.seq, state.head.messages
    if isinstance(outcome, Sequenced):
        seq, messages = outcome.entry.seq, outcome.entry.messages
        state = outcome.effects.state
    return msgspec.structs.replace(state, head=Head(seq, logged.position, messages)), outcome


def outcome_as_prior(logged: LoggedRecord, outcome: Outcome) -> PriorSend | None:
    """What a later retry is to find; None when an earlier attempt answers for this one as well."""
    if isinstance(outcome, Repeated) or (isinstance(outcome, Declined) and not outcome.remember):
        return None
    return PriorSend(
        position=logged.position,
        message_id=logged.message_id,
        body_hash=body_hash(logged.record.body),
        appended_at=logged.appended_at,
        seq=outcome.entry.seq if isinstance(outcome, Sequenced) else None,
        refusal=outcome.code if isinstance(outcome, Declined) else None,
    )


def _outcome(state: Conversation, logged: LoggedRecord, prior: PriorSend | None, target: Entry | None) -> Outcome:
    record = logged.record
    if prior is not None and may_answer(prior, logged):
        repeated = _repetition(logged, prior)
        if repeated is not None:
            return repeated
    judged = _opened_for(state, record)
    if isinstance(judged, Declined):
        return judged
    if not isinstance(record.body, CreateGroup):
        seen = _as_of(target, state.head.seq)
        sees_target = seen is not None and state.sees(record.sender, seen.seq)
        refusal = authority.refuse(record.body, record.sender, judged.members, judged.settings, seen, sees_target)
        if refusal is not None:
            return Declined(*refusal)
    return _sequenced(state, logged)


def _repetition(logged: LoggedRecord, prior: PriorSend) -> Repeated | Declined | None:
    """Judge a found attempt by log time: replays, whenever they run, decide the same."""
    if logged.appended_at - prior.appended_at >= DEDUPE_WINDOW_MS:
        return None
    if prior.body_hash != body_hash(logged.record.body):
        text = f"client_msg_id {logged.record.client_msg_id!r} was used before for another content; use a new one"
        return Declined(ErrorCode.ID_REUSED, text, remember=False)
    if prior.seq is None:
        code = ErrorCode(prior.refusal or ErrorCode.INTERNAL)
        return Declined(code, ERRORS[code].meaning, remember=False)
    return Repeated(prior.seq, prior.message_id)


def _opened_for(state: Conversation, record: Record) -> Conversation | Declined:
    """The state to judge the record by: a first record finds the conversation that it opens."""
    body = record.body
    if isinstance(body, CreateGroup):
        if state.settings is None and record.conversation == group_conversation_id(record.sender, record.client_msg_id):
            return state
        return Declined(ErrorCode.ALREADY_EXISTS, f"conversation {record.conversation} exists already")
    if state.settings is not None:
        return state
    peer = body.peer if isinstance(body, Post) else None
    if peer is not None and direct_conversation_id(record.sender, peer) == record.conversation:
        return open_direct(state, record.sender, peer)[0]
    return Declined(ErrorCode.NOT_A_MEMBER, f"conversation {record.conversation} does not exist, or you are not in it")


def _as_of(target: Entry | None, head_seq: int) -> Entry | None:
    """Forget what happened to the target beyond the head."""
    if target is None or target.seq > head_seq:
        return None
    if target.deleted_seq is not None and target.deleted_seq > head_seq:
        return msgspec.structs.replace(target, deleted_seq=None)
    return target


def _sequenced(state: Conversation, logged: LoggedRecord) -> Outcome:
    record, seq = logged.record, state.head.seq + 1
    effects = apply_body(state, record, seq, logged.appended_at)
    if effects is None:
        return Declined(ErrorCode.ALREADY_EXISTS, "all of these users are members already")
    is_message = isinstance(record.body, Post)
    entry = Entry(
        conversation=record.conversation,
        seq=seq,
        position=logged.position,
        message_id=logged.message_id,
        sender=record.sender,
        client_msg_id=record.client_msg_id,
        kind=str(record.body.__struct_config__.tag),
        created_at=logged.appended_at,
        messages=state.head.messages + is_message,
        content=record.body.content if isinstance(record.body, Post) else None,
        target_seq=target_of(record.body),
        change=effects.change,
        trace=record.trace,
    )
    return Sequenced(entry, effects)
