"""A test waits while something goes on, and gives up when nothing does: a busy machine fails nothing by itself."""

import itertools
from copy import deepcopy
from typing import Any

import pytest

from e2e.tests.operator.patience import standing
from tests.patience import Patience, until

CHAT_CLUSTER: dict[str, Any] = {
    "metadata": {"generation": 2},
    "status": {
        "phase": "Updating",
        "lag": 7,
        "conditions": [{"type": "GatewayReady", "status": "False", "reason": "RollingOut", "lastTransitionTime": "1"}],
        "rollout": {"stage": "Waiting", "message": "chat-gateway-0 sends its clients away"},
    },
}
POD: dict[str, Any] = {
    "metadata": {"name": "chat-gateway-0", "uid": "a"},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}


def test_patience_ends_when_nothing_changed_for_a_while() -> None:
    patience = Patience(0, still_s=10, whole_s=100)
    assert not patience.over(1, "begun")
    assert not patience.over(11, "begun")
    assert patience.over(11.5, "begun")


def test_patience_lasts_while_steps_are_made_and_has_an_end_all_the_same() -> None:
    patience = Patience(0, still_s=10, whole_s=100)
    assert not any(patience.over(now, now) for now in range(0, 101, 9))
    assert patience.over(101, "yet another step")


def test_what_cannot_be_seen_is_no_step() -> None:
    patience = Patience(0, still_s=10, whole_s=100)
    assert not patience.over(1, "begun")
    assert not patience.over(9, None)
    assert patience.over(12, "begun")


def test_a_step_is_what_a_person_would_call_one() -> None:
    at_first = standing(CHAT_CLUSTER, [POD])
    more_lag = deepcopy(CHAT_CLUSTER)
    more_lag["status"]["lag"] = 8
    more_lag["status"]["conditions"][0]["lastTransitionTime"] = "2"
    assert standing(more_lag, [POD]) == at_first
    leaving = deepcopy(POD)
    leaving["metadata"]["deletionTimestamp"] = "now"
    assert standing(CHAT_CLUSTER, [leaving]) != at_first
    assert standing(CHAT_CLUSTER, []) != at_first
    assert standing({"metadata": {"generation": 3}}, [POD]) != at_first


async def test_who_waits_goes_on_while_something_moves_and_says_in_the_end_what_never_was() -> None:
    minutes = itertools.count(0.0, 60.0)
    steps: list[str] = []

    def four() -> bool:
        steps.append("step")
        return len(steps) == 4

    await until("four steps", four, lambda: len(steps), lambda: next(minutes))
    with pytest.raises(AssertionError, match="never: a fifth one; it stands at 4"):
        await until("a fifth one", lambda: len(steps) == 5, lambda: len(steps), lambda: next(minutes))
