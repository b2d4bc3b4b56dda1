"""Clients' frames to records of the ingress log, with everything checked that needs no look at the store. Pure."""

from typing import Final, TypeAlias

from parley.domain import records
from parley.domain.content import check_content, check_emoji, check_title
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import (
    check_conversation,
    check_key,
    check_name,
    direct_conversation_id,
    group_conversation_id,
)
from parley.domain.limits import LARGEST_SEQ, Limits
from parley.protocol import client_frames as frames
from parley.protocol.calls import Call

AnyChange: TypeAlias = (
    frames.Send
    | frames.Edit
    | frames.Delete
    | frames.React
    | frames.CreateGroup
    | frames.ChangeSettings
    | frames.AddMembers
    | frames.RemoveMember
    | frames.Leave
    | frames.SetRole
)

_ROLES: Final = ", ".join(records.Role)


def record_of(change: AnyChange, call: Call, limits: Limits) -> records.Record:
    """Make the record of a call that asks for this change; raises ParleyError that names what is wrong with it."""
    key = check_key(change.client_msg_id)
    conversation, body = _target(change, call.user, limits)
    return records.Record(
        conversation,
        call.user,
        key,
        body,
        retry=change.retry,
        device=call.device,
        trace=call.trace,
        asked_at=call.asked_at,
        traceparent=call.traceparent,
    )


def _target(change: AnyChange, user: str, limits: Limits) -> tuple[str, records.AnyBody]:
    if isinstance(change, frames.Send):
        return _post(change, user, limits)
    if isinstance(change, frames.CreateGroup):
        return group_conversation_id(user, change.client_msg_id), _creation(change, user, limits)
    return check_conversation(change.conversation), _body(change, limits)


def _post(change: frames.Send, user: str, limits: Limits) -> tuple[str, records.AnyBody]:
    content = check_content(change.content, limits)
    if (change.to is None) == (change.conversation is None):
        given = "both" if change.to is not None else "neither"
        text = f"{given} of conversation and to are given; name exactly one: a conversation, or the user to write to"
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field="to")
    if change.to is not None:
        peer = check_name(change.to, "to")
        return direct_conversation_id(user, peer), records.Post(content, peer)
    return check_conversation(change.conversation or ""), records.Post(content)


def _body(  # noqa: PLR0911 - one case per kind of change, each a single expression
    change: frames.Edit
    | frames.Delete
    | frames.React
    | frames.ChangeSettings
    | frames.AddMembers
    | frames.RemoveMember
    | frames.Leave
    | frames.SetRole,
    limits: Limits,
) -> records.AnyBody:
    match change:
        case frames.Edit():
            return records.Edit(check_seq(change.seq), check_content(change.content, limits))
        case frames.Delete():
            return records.Delete(check_seq(change.seq))
        case frames.React():
            return records.React(check_seq(change.seq), check_emoji(change.emoji, limits), change.removed)
        case frames.ChangeSettings():
            return _settings(change, limits)
        case frames.AddMembers():
            return records.AddMembers(_members(change.members, limits))
        case frames.RemoveMember():
            return records.RemoveMember(check_name(change.user, "user"))
        case frames.Leave():
            return records.Leave()
        case frames.SetRole():
            return records.SetRole(check_name(change.user, "user"), _role(change.role))


def _creation(change: frames.CreateGroup, user: str, limits: Limits) -> records.CreateGroup:
    members = _members(change.members, limits) if change.members else ()
    count = len({*members, user})
    if count > limits.group_members:
        text = f"the group would have {count} members; at most {limits.group_members} are allowed"
        raise ParleyError(ErrorCode.TOO_MANY_MEMBERS, text, field="members")
    return records.CreateGroup(check_title(change.title, limits), members, change.open_history)


def _settings(change: frames.ChangeSettings, limits: Limits) -> records.ChangeSettings:
    if change.title is None and change.open_history is None:
        text = "neither title nor open_history is given; name at least one setting to change"
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field="title")
    title = None if change.title is None else check_title(change.title, limits)
    return records.ChangeSettings(title, change.open_history)


def _members(members: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
    if not members:
        text = "members is empty; name at least one user"
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field="members")
    if len(members) > limits.group_members:
        text = f"members has {len(members)} users; at most {limits.group_members} are allowed at once"
        raise ParleyError(ErrorCode.BATCH_TOO_LARGE, text, field="members")
    return tuple(dict.fromkeys(check_name(member, "members") for member in members))


def _role(role: str) -> records.Role:
    try:
        return records.Role(role)
    except ValueError:
        text = f"role is {role[:80]!r}; allowed are {_ROLES}"
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field="role") from None


def check_seq(seq: int, field: str = "seq", least: int = 1) -> int:
    """Accept the seq of an entry; above the largest no store and no encoding would take it."""
    if least <= seq <= LARGEST_SEQ:
        return seq
    text = f"{field} is {seq}; allowed is {least} or more, up to {LARGEST_SEQ}"
    raise ParleyError(ErrorCode.INVALID_FIELD, text, field=field)
