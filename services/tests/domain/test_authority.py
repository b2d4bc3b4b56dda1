"""G7: who may do what, for every role, against the table that a person would write down."""

from itertools import product

import pytest

from parley.domain.authority import refuse
from parley.domain.content import Content
from parley.domain.entries import Entry, Settings, Span
from parley.domain.errors import ErrorCode
from parley.domain.records import (
    AddMembers,
    AnyBody,
    ChangeSettings,
    Delete,
    Edit,
    Leave,
    Post,
    React,
    RemoveMember,
    Role,
    SetRole,
)

GROUP = Settings(1, group=True, title="Team")
DIRECT = Settings(1, group=False)
ROLES = {
    "owner": Role.OWNER,
    "second owner": Role.OWNER,
    "admin": Role.ADMIN,
    "other": Role.ADMIN,
    "member": Role.MEMBER,
}
MEMBERS = {user: Span(user, 1, role, 1) for user, role in ROLES.items()} | {"last": Span("last", 1, Role.MEMBER, 1)}
FORBIDDEN = ErrorCode.FORBIDDEN


def message(sender: str = "member", *, kind: str = "message", deleted_seq: int | None = None) -> Entry:
    return Entry("c", 2, 2, 2, sender, "k", kind, 0, 1, Content("x"), deleted_seq=deleted_seq)


def code(
    body: AnyBody,
    sender: str,
    *,
    members: dict[str, Span] = MEMBERS,
    settings: Settings | None = GROUP,
    target: Entry | None = None,
    sees: bool = True,
) -> ErrorCode | None:
    refusal = refuse(body, sender, members, settings, target, sees)
    return refusal[0] if refusal else None


TEXT = Content("new")
ALLOWED: list[tuple[AnyBody, Entry | None, set[str]]] = [
    (Post(TEXT), None, {"owner", "admin", "member"}),
    (React(2, "x"), message(), {"owner", "admin", "member"}),
    (Edit(2, TEXT), message("member"), {"member"}),
    (Edit(2, TEXT), message("admin"), {"admin"}),
    (Delete(2), message("member"), {"owner", "admin", "member"}),
    (Delete(2), message("owner"), {"owner", "admin"}),
    (ChangeSettings("Crew"), None, {"owner", "admin"}),
    (AddMembers(("new",)), None, {"owner", "admin"}),
    (AddMembers(("last",)), None, {"owner", "admin"}),
    (RemoveMember("last"), None, {"owner", "admin"}),
    (RemoveMember("other"), None, {"owner"}),
    (RemoveMember("second owner"), None, {"owner"}),
    (Leave(), None, {"owner", "admin", "member"}),
    (SetRole("last", Role.ADMIN), None, {"owner"}),
    (SetRole("second owner", Role.MEMBER), None, {"owner"}),
]


@pytest.mark.parametrize(("allowed", "sender"), list(product(ALLOWED, ["owner", "admin", "member"])))
def test_g7_a_role_may_do_what_the_table_says_and_nothing_else(
    allowed: tuple[AnyBody, Entry | None, set[str]], sender: str
) -> None:
    body, target, who = allowed
    assert code(body, sender, target=target) == (None if sender in who else FORBIDDEN)


@pytest.mark.parametrize(("body", "target"), [(body, target) for body, target, _ in ALLOWED])
def test_g7_who_is_no_member_may_do_nothing(body: AnyBody, target: Entry | None) -> None:
    assert code(body, "stranger", target=target) is ErrorCode.NOT_A_MEMBER
    assert code(body, "member", members={}, settings=None, target=target) is ErrorCode.NOT_A_MEMBER


@pytest.mark.parametrize("body", [Edit(2, TEXT), Delete(2), React(2, "x")])
@pytest.mark.parametrize("settings", [GROUP, DIRECT])
def test_only_a_message_that_is_there_and_seen_can_be_changed(body: AnyBody, settings: Settings) -> None:
    for target, sees in ((None, True), (message(), False), (message(kind="added"), True), (message(kind="edit"), True)):
        assert code(body, "member", settings=settings, target=target, sees=sees) is ErrorCode.MESSAGE_NOT_FOUND
    assert code(body, "member", settings=settings, target=message(deleted_seq=3)) is ErrorCode.MESSAGE_DELETED


@pytest.mark.parametrize(
    "body", [ChangeSettings("x"), AddMembers(("x",)), RemoveMember("bob"), Leave(), SetRole("bob", Role.ADMIN)]
)
def test_a_direct_conversation_keeps_its_two_members(body: AnyBody) -> None:
    pair = {user: Span(user, 1, Role.MEMBER, 1) for user in ("ann", "bob")}
    assert code(body, "ann", members=pair, settings=DIRECT) is ErrorCode.GROUP_ONLY


def test_in_a_direct_conversation_nobody_deletes_the_others_messages() -> None:
    assert code(Delete(2), "owner", settings=DIRECT, target=message("member")) is FORBIDDEN


@pytest.mark.parametrize("body", [Leave(), RemoveMember("ann"), SetRole("ann", Role.ADMIN)])
def test_the_last_owner_stays_while_others_do(body: AnyBody) -> None:
    ann, bob = Span("ann", 1, Role.OWNER, 1), Span("bob", 1, Role.ADMIN, 1)
    assert code(body, "ann", members={"ann": ann, "bob": bob}) is ErrorCode.LAST_OWNER
    assert code(body, "ann", members={"ann": ann, "bob": Span("bob", 1, Role.OWNER, 1)}) is None
    assert code(body, "ann", members={"ann": ann}) is None


@pytest.mark.parametrize("body", [RemoveMember("nobody"), SetRole("nobody", Role.ADMIN)])
def test_who_is_named_must_be_a_member(body: AnyBody) -> None:
    assert code(body, "owner") is ErrorCode.NOT_A_MEMBER
