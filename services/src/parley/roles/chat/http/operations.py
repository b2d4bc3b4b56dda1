"""Every operation of the HTTP API in one table: the router and the OpenAPI document are made from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from parley.domain.errors import ErrorCode, ParleyError
from parley.protocol import client_frames as frames
from parley.protocol import server_frames as answers
from parley.protocol.calls import Asked, Marks
from parley.protocol.views import Watermark
from parley.roles.chat.http import bodies

REQUEST_ID: Final = "http"


@dataclass(frozen=True, slots=True)
class Inputs:
    """A request as the table's functions see it. `key` is the client_msg_id, whoever chose it."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    user: str
    key: str

    @property
    def conversation(self) -> str:
        """The conversation that the path names."""
        return self.path["conversation"]

    @property
    def seq(self) -> int:
        """The seq that the path names."""
        return _integer(self.path["seq"], "seq")

    def number(self, name: str) -> int | None:
        """A number of the query."""
        return _integer(self.query[name], name) if name in self.query else None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    `frame` makes the frame that the Chat Service answers, from the inputs and the decoded body. `body` None: none is
    read; `answer` None: 204 without a body. `query` names the parameters with their types.
    """

    name: str
    method: str
    path: str
    summary: str
    frame: Callable[[Inputs, Any], Asked]
    answer: type[answers.ServerFrame] | None
    body: type[bodies.Body] | None = None
    query: Mapping[str, type] = field(default_factory=dict)
    status: int = 200


def _integer(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        message = f"{name} is {text[:80]!r}; allowed is a whole number"
        raise ParleyError(ErrorCode.INVALID_FIELD, message, field=name) from None


def _send_direct(inputs: Inputs, body: bodies.NewMessage) -> Asked:
    return frames.Send(REQUEST_ID, inputs.key, content=body.content, to=inputs.path["user"])


def _send(inputs: Inputs, body: bodies.NewMessage) -> Asked:
    return frames.Send(REQUEST_ID, inputs.key, content=body.content, conversation=inputs.conversation)


def _edit(inputs: Inputs, body: bodies.NewMessage) -> Asked:
    return frames.Edit(REQUEST_ID, inputs.key, conversation=inputs.conversation, seq=inputs.seq, content=body.content)


def _delete(inputs: Inputs, _: bodies.NoDetails) -> Asked:
    return frames.Delete(REQUEST_ID, inputs.key, conversation=inputs.conversation, seq=inputs.seq)


def _react(inputs: Inputs, _: bodies.NoDetails) -> Asked:
    return frames.React(
        REQUEST_ID, inputs.key, conversation=inputs.conversation, seq=inputs.seq, emoji=inputs.path["emoji"]
    )


def _take_back(inputs: Inputs, _: bodies.NoDetails) -> Asked:
    return frames.React(
        REQUEST_ID,
        inputs.key,
        conversation=inputs.conversation,
        seq=inputs.seq,
        emoji=inputs.path["emoji"],
        removed=True,
    )


def _create_group(inputs: Inputs, body: bodies.NewGroup) -> Asked:
    return frames.CreateGroup(
        REQUEST_ID, inputs.key, title=body.title, members=body.members, open_history=body.open_history
    )


def _change_settings(inputs: Inputs, body: bodies.GroupSettings) -> Asked:
    return frames.ChangeSettings(
        REQUEST_ID, inputs.key, conversation=inputs.conversation, title=body.title, open_history=body.open_history
    )


def _add_members(inputs: Inputs, body: bodies.NewMembers) -> Asked:
    return frames.AddMembers(REQUEST_ID, inputs.key, conversation=inputs.conversation, members=body.members)


def _set_role(inputs: Inputs, body: bodies.NewRole) -> Asked:
    return frames.SetRole(
        REQUEST_ID, inputs.key, conversation=inputs.conversation, user=inputs.path["user"], role=body.role
    )


def _remove_member(inputs: Inputs, _: bodies.NoDetails) -> Asked:
    if inputs.path["user"] == inputs.user:
        return frames.Leave(REQUEST_ID, inputs.key, conversation=inputs.conversation)
    return frames.RemoveMember(REQUEST_ID, inputs.key, conversation=inputs.conversation, user=inputs.path["user"])


def _page(inputs: Inputs, _: None) -> Asked:
    return frames.Sync(
        REQUEST_ID, inputs.conversation, inputs.number("after"), inputs.number("before"), inputs.number("limit")
    )


def _conversations(inputs: Inputs, _: None) -> Asked:
    return frames.Conversations(REQUEST_ID, inputs.query.get("page_token"), inputs.number("limit"))


def _describe(inputs: Inputs, _: None) -> Asked:
    return frames.Describe(REQUEST_ID, inputs.conversation)


def _members(inputs: Inputs, _: None) -> Asked:
    return frames.Members(REQUEST_ID, inputs.conversation)


def _receipts(inputs: Inputs, _: None) -> Asked:
    return frames.Receipts(REQUEST_ID, inputs.conversation)


def _read_by(inputs: Inputs, _: None) -> Asked:
    return frames.ReadBy(REQUEST_ID, inputs.conversation, inputs.seq)


def _mark(inputs: Inputs, body: bodies.Mark) -> Asked:
    return Marks({inputs.conversation: Watermark(body.delivered, body.read)})


def _presence(inputs: Inputs, _: None) -> Asked:
    users = [name for name in inputs.query.get("users", "").split(",") if name]
    return frames.Watch(REQUEST_ID, tuple(users))


def _privacy(_: Inputs, body: bodies.Privacy) -> Asked:
    return frames.SetPrivacy(REQUEST_ID, body.hide_presence)


_PAGE_QUERY: Final = {"after": int, "before": int, "limit": int}
_LIST_QUERY: Final = {"page_token": str, "limit": int}
_ONE: Final = "/v1/conversations/{conversation}"
_MESSAGE: Final = _ONE + "/messages/{seq}"
_REACTION: Final = _MESSAGE + "/reactions/{emoji}"
_MEMBER: Final = _ONE + "/members/{user}"
_ACCEPTED: Final = 202

# fmt: off
OPERATIONS: Final = (
    Operation("createGroup", "POST", "/v1/conversations", "Open a group", _create_group,
              answers.Ack, bodies.NewGroup, status=_ACCEPTED),
    Operation("listConversations", "GET", "/v1/conversations", "List one's conversations", _conversations,
              answers.ConversationPage, query=_LIST_QUERY),
    Operation("getConversation", "GET", _ONE, "Tell what a conversation is", _describe, answers.ConversationPage),
    Operation("changeSettings", "PATCH", _ONE, "Rename a group, or open its history to newer members",
              _change_settings, answers.Ack, bodies.GroupSettings, status=_ACCEPTED),
    Operation("sendDirect", "POST", "/v1/direct/{user}/messages", "Write to a user", _send_direct,
              answers.Ack, bodies.NewMessage, status=_ACCEPTED),
    Operation("sendMessage", "POST", _ONE + "/messages", "Write in a conversation", _send,
              answers.Ack, bodies.NewMessage, status=_ACCEPTED),
    Operation("listMessages", "GET", _ONE + "/messages",
              "Read entries after or before a seq; the newest without either", _page, answers.Page, query=_PAGE_QUERY),
    Operation("editMessage", "PATCH", _MESSAGE, "Replace the content of one's own message", _edit,
              answers.Ack, bodies.NewMessage, status=_ACCEPTED),
    Operation("deleteMessage", "DELETE", _MESSAGE, "Turn a message into a tombstone", _delete,
              answers.Ack, bodies.NoDetails, status=_ACCEPTED),
    Operation("addReaction", "PUT", _REACTION, "Set an emoji on a message", _react,
              answers.Ack, bodies.NoDetails, status=_ACCEPTED),
    Operation("removeReaction", "DELETE", _REACTION, "Take an emoji back", _take_back,
              answers.Ack, bodies.NoDetails, status=_ACCEPTED),
    Operation("listReaders", "GET", _MESSAGE + "/read-by", "Tell who has received and who has read a message",
              _read_by, answers.ReadByList),
    Operation("listMembers", "GET", _ONE + "/members", "List who is in a conversation", _members, answers.MemberList),
    Operation("addMembers", "POST", _ONE + "/members", "Let users join a group", _add_members,
              answers.Ack, bodies.NewMembers, status=_ACCEPTED),
    Operation("setRole", "PUT", _MEMBER, "Make a member owner, admin or member", _set_role,
              answers.Ack, bodies.NewRole, status=_ACCEPTED),
    Operation("removeMember", "DELETE", _MEMBER, "Remove a member; oneself: leave", _remove_member,
              answers.Ack, bodies.NoDetails, status=_ACCEPTED),
    Operation("getReceipts", "GET", _ONE + "/receipts", "Tell how far everybody got", _receipts, answers.Receipt),
    Operation("markReceipts", "POST", _ONE + "/receipts", "Tell how far one got oneself", _mark, None, bodies.Mark,
              status=204),
    Operation("getPresence", "GET", "/v1/presence", "Tell whether users are there", _presence,
              answers.PresenceUpdate, query={"users": str}),
    Operation("setPrivacy", "PUT", "/v1/privacy", "Hide or show one's own presence", _privacy,
              answers.Done, bodies.Privacy),
)
# fmt: on
