"""Who may do what in a conversation (promise G7): asked by chat for a quick answer, by the fold for the final one."""

from collections.abc import Mapping
from typing import TypeAlias

from parley.domain.entries import Entry, Settings, Span
from parley.domain.errors import ErrorCode
from parley.domain.records import (
    AddMembers,
    AnyBody,
    ChangeSettings,
    CreateGroup,
    Delete,
    Edit,
    Leave,
    Post,
    React,
    RemoveMember,
    Role,
    SetRole,
)

Refusal: TypeAlias = tuple[ErrorCode, str]

_LEADERS = frozenset({Role.OWNER, Role.ADMIN})


def refuse(
    body: AnyBody,
    sender: str,
    members: Mapping[str, Span],
    settings: Settings | None,
    target: Entry | None,
    sees_target: bool,  # noqa: FBT001 - one of the facts
) -> Refusal | None:
    """Say why the sender may not do this, or None.

    Everything is as of the head: `members` who are members now, `target` the entry that an edit, deletion or reaction
    names, and whether the sender may see it. A conversation that does not exist is handed in without members.
    """
    held = members.get(sender)
    if held is None:
        return ErrorCode.NOT_A_MEMBER, "no such conversation, or you are not a member of it"
    group = settings is not None and settings.group
    match body:
        case Post() | CreateGroup():
            return None
        case Edit() | Delete() | React():
            return _refuse_change_of_message(body, sender, held.role, target, sees_target=sees_target, group=group)
        case ChangeSettings() | AddMembers() | RemoveMember() | Leave() | SetRole():
            if not group:
                return ErrorCode.GROUP_ONLY, "a direct conversation has no title, roles or changing members"
            return _refuse_change_of_group(body, sender, held.role, members)


def _refuse_change_of_message(
    body: Edit | Delete | React, sender: str, role: Role, target: Entry | None, *, sees_target: bool, group: bool
) -> Refusal | None:
    if target is None or not sees_target or target.kind != "message":
        return ErrorCode.MESSAGE_NOT_FOUND, f"there is no message at seq {body.target_seq} that you can see"
    if target.deleted_seq is not None:
        return ErrorCode.MESSAGE_DELETED, f"the message at seq {body.target_seq} was deleted"
    own = target.sender == sender
    if isinstance(body, Edit) and not own:
        return ErrorCode.FORBIDDEN, "only its sender may edit a message"
    if isinstance(body, Delete) and not own and not (group and role in _LEADERS):
        return ErrorCode.FORBIDDEN, "only its sender, or an owner or admin of the group, may delete a message"
    return None


def _refuse_change_of_group(
    body: ChangeSettings | AddMembers | RemoveMember | Leave | SetRole,
    sender: str,
    role: Role,
    members: Mapping[str, Span],
) -> Refusal | None:
    match body:
        case ChangeSettings() | AddMembers():
            if role not in _LEADERS:
                return ErrorCode.FORBIDDEN, f"only owners and admins may do this; your role is {role}"
            return None
        case Leave():
            return _refuse_losing_owner(sender, members)
        case RemoveMember():
            return _refuse_removal(body, sender, role, members)
        case SetRole():
            return _refuse_role(body, role, members)


def _refuse_removal(body: RemoveMember, sender: str, role: Role, members: Mapping[str, Span]) -> Refusal | None:
    held = members.get(body.user)
    if held is None:
        return ErrorCode.NOT_A_MEMBER, f"user {body.user!r} is not a member"
    if body.user == sender:
        return _refuse_losing_owner(sender, members)
    if role is Role.OWNER or (role is Role.ADMIN and held.role is Role.MEMBER):
        return None
    return ErrorCode.FORBIDDEN, f"your role {role} may not remove a member whose role is {held.role}"


def _refuse_role(body: SetRole, role: Role, members: Mapping[str, Span]) -> Refusal | None:
    if role is not Role.OWNER:
        return ErrorCode.FORBIDDEN, f"only an owner may change roles; your role is {role}"
    if body.user not in members:
        return ErrorCode.NOT_A_MEMBER, f"user {body.user!r} is not a member"
    return _refuse_losing_owner(body.user, members) if body.role is not Role.OWNER else None


def _refuse_losing_owner(user: str, members: Mapping[str, Span]) -> Refusal | None:
    """A group with members keeps an owner; the last person may always go."""
    owners = [name for name, span in members.items() if span.role is Role.OWNER]
    if owners == [user] and len(members) > 1:
        return ErrorCode.LAST_OWNER, f"user {user!r} is the only owner; make somebody else owner first"
    return None
