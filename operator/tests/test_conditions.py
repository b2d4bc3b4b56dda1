"""Conditions say what holds, since when, and why; people wait for three of them that sum up the others."""

from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley_operator.reconcile.catalogue import CONDITION_NAMES, REASON_NAMES
from parley_operator.reconcile.conditions import Finding, Truth, aggregate, stamped

SUMS: Final = ("Available", "Progressing", "Degraded")
PARTS: Final = tuple(name for name in CONDITION_NAMES if name not in {*SUMS, "UpdatePending", "Paused"})
UNDER_WAY: Final = ("RollingOut", "Applying", "Checking", "Scaling")

findings: Final = st.lists(
    st.builds(
        Finding,
        st.sampled_from(CONDITION_NAMES),
        st.sampled_from(get_args(Truth)),
        st.sampled_from(sorted(REASON_NAMES)),
        st.text("ab ", max_size=5),
    ),
    max_size=len(CONDITION_NAMES),
    unique_by=lambda finding: finding.type,
)


@given(first=findings, second=findings, third=findings)
def test_the_time_is_that_of_the_last_change_of_status(
    first: list[Finding], second: list[Finding], third: list[Finding]
) -> None:
    conditions, changed = list[dict[str, Any]](), dict[str, str]()
    for number, found in enumerate((first, second, third)):
        now = f"2026-01-01T00:00:0{number}Z"
        before = {each["type"]: each["status"] for each in conditions}
        conditions = stamped(found, conditions, now, number)
        for finding in found:
            if before.get(finding.type) != finding.status:
                changed[finding.type] = now
        assert {each["type"]: each["lastTransitionTime"] for each in conditions} == {
            finding.type: changed[finding.type] for finding in found
        }


@given(found=findings)
def test_what_was_found_stands_in_the_status_in_one_order(found: list[Finding]) -> None:
    made = stamped(found, [], "now", 7)
    assert made == stamped(found[::-1], [], "now", 7)
    order = [CONDITION_NAMES.index(each["type"]) for each in made]
    assert order == sorted(order)
    assert {(each["type"], each["status"], each["reason"], each["message"]) for each in made} == {
        (finding.type, finding.status, finding.reason, finding.message) for finding in found
    }
    assert all(each["observedGeneration"] == 7 for each in made)


def _sum(*parts: Finding, available: bool = True) -> dict[str, Finding]:
    return {each.type: each for each in aggregate(parts, available=available, unavailable="no pod of chat")}


@given(found=findings)
def test_progressing_and_degraded_follow_from_the_parts_alone(found: list[Finding]) -> None:
    sums = _sum(*found)
    parts = [part for part in found if part.type in PARTS and part.status != "True"]
    assert (sums["Progressing"].status == "True") == any(part.reason in UNDER_WAY for part in parts)
    wrong = [part for part in parts if part.status == "False" and part.reason not in UNDER_WAY]
    assert (sums["Degraded"].status == "True") == bool(wrong)
    assert all(f"{part.type}: {part.message}" in sums["Degraded"].message for part in wrong)
    assert tuple(sums) == SUMS


def test_available_says_who_is_missing() -> None:
    assert _sum()["Available"].status == "True"
    away = _sum(available=False)["Available"]
    assert (away.status, away.reason, away.message) == ("False", "NoPods", "no pod of chat")


@pytest.mark.parametrize("reason", UNDER_WAY)
def test_what_is_under_way_is_not_wrong(reason: str) -> None:
    sums = _sum(Finding("GatewayReady", "False", reason, "two of three"))
    assert sums["Progressing"].message == "GatewayReady: two of three"
    assert (sums["Progressing"].status, sums["Degraded"].status) == ("True", "False")


def test_the_reason_is_that_of_the_first_part_that_is_wrong() -> None:
    refused = Finding("KafkaReady", "False", "Refused", "no")
    assert _sum(refused, Finding("ChatReady", "False", "PodsNotReady", "x"))["Degraded"].reason == "Refused"


def test_a_message_is_cut_before_the_api_server_would_refuse_it() -> None:
    long = Finding("KafkaReady", "False", "Refused", "x" * 50_000)
    assert len(stamped([long], [], "now", 1)[0]["message"]) <= 32_768
    assert len(_sum(long)["Degraded"].message) <= 32_768


@pytest.mark.parametrize(("kind", "reason"), [("Unheard", "AsWanted"), ("Available", "Unheard")])
def test_only_words_of_the_catalogue_are_said(kind: str, reason: str) -> None:
    with pytest.raises(ValueError, match="is not in the catalogue"):
        Finding(kind, "True", reason, "")
