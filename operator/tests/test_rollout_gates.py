"""The next gateway goes when the clients of the last one are back and the new ones do their work."""

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.errors import ERRORS, ErrorCode
from parley_operator.external.pod_metrics import OUR_FAULTS, PodMetrics
from parley_operator.reconcile.rollout_gates import RECONNECT_S, clients_back, error_rate


def _told(requests: int, faults: int) -> PodMetrics:
    return PodMetrics(requests=requests, faults=faults)


def test_clients_that_are_missing_are_waited_for_but_not_for_ever() -> None:
    assert "3 of 10" in clients_back(10, 3, 1.0, fresh=True)
    assert clients_back(10, 8, 1.0, fresh=True) == ""
    assert clients_back(10, 10, 1.0, fresh=False), "counted before the gateway went"
    assert clients_back(10, 0, RECONNECT_S + 1, fresh=True) == ""


def test_new_gateways_that_fail_hold_the_next_one_back_and_it_is_said_how_much_they_fail() -> None:
    held = error_rate(["g-2"], {"g-2": _told(100, 30), "g-0": _told(10_000, 0)}, {})
    assert "30 of 100" in held


def test_only_gateways_of_the_newest_revision_count() -> None:
    """Else a bad revision could never be replaced by a good one."""
    assert error_rate([], {"g-0": _told(100, 90)}, {}) == ""
    assert error_rate(["g-2"], {"g-0": _told(100, 90), "g-2": _told(50, 0)}, {}) == ""


def test_the_gate_opens_when_the_trouble_is_over() -> None:
    assert error_rate(["g-2"], {"g-2": _told(200, 30)}, {"g-2": _told(100, 30)}) == ""


def test_a_gateway_that_began_anew_is_counted_from_its_beginning() -> None:
    assert "20 of 40" in error_rate(["g-2"], {"g-2": _told(40, 20)}, {"g-2": _told(9_000, 0)})


def test_what_is_our_fault_is_what_the_services_answer_with_a_servers_error() -> None:
    shed = {ErrorCode.OVERLOADED}
    assert {code.value for code, kind in ERRORS.items() if kind.http_status >= 500 and code not in shed} == OUR_FAULTS


@given(
    readings=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)),
        max_size=5,
    )
)
def test_it_holds_only_for_a_share_that_is_named(readings: list[tuple[int, int, int, int]]) -> None:
    names = [f"g-{number}" for number in range(len(readings))]
    earlier = {name: _told(each[0], min(each[0], each[1])) for name, each in zip(names, readings, strict=True)}
    now = {
        name: _told(earlier[name].requests + each[2], earlier[name].faults + min(each[2], each[3]))
        for name, each in zip(names, readings, strict=True)
    }
    requests = sum(each[2] for each in readings)
    faults = sum(min(each[2], each[3]) for each in readings)
    held = error_rate(names, now, earlier)
    assert bool(held) == (faults >= 10 and faults > requests / 20)
    assert not held or f"{faults} of {requests}" in held
