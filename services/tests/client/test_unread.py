"""Unread counts: what a view counted already is not counted again when its entries come."""

from typing import Any

import msgspec

from parley.client.conversation import ConversationState
from parley.protocol.views import ConversationView
from tests.client.model_server import CONVERSATION, ModelServer


def server_with(messages: int) -> ModelServer:
    server = ModelServer()
    for _ in range(messages):
        server.append("message", "bob", text="x")
    return server


def view_of(server: ModelServer, limit: int, **facts: Any) -> ConversationView:
    return msgspec.structs.replace(server.view(0, limit), **facts)


def test_entries_of_a_view_are_in_its_count_already() -> None:
    server, state = server_with(5), ConversationState(CONVERSATION, "ann")
    view = view_of(server, 5, unread=3, read=2)
    state.describe(view)
    state.take_newest(view)
    assert state.unread == 3


def test_entries_that_are_paged_after_a_view_are_in_its_count_as_well() -> None:
    server, state = server_with(5), ConversationState(CONVERSATION, "ann")
    state.describe(view_of(server, 0, unread=5))
    state.take_after(server.page("sync", after=0))
    assert state.unread == 5


def test_later_pushes_are_counted_and_a_late_view_does_not_take_them_back() -> None:
    server, state = server_with(2), ConversationState(CONVERSATION, "ann")
    early = view_of(server, 2, unread=2)
    state.describe(early)
    state.take_newest(early)
    state.push(server.append("message", "bob", text="new"))
    state.describe(early)
    assert state.unread == 3
    state.read_up_to(3)
    assert state.unread == 0
