"""Rate limits of one user."""

from parley.domain.allowance import PATIENCE_BURSTS, SIGNAL_COST, Allowance
from parley.domain.limits import Limits

LIMITS = Limits(sends_per_second=10.0, sends_burst=5)


def test_beyond_the_burst_a_request_is_refused_with_the_time_to_wait() -> None:
    allowance = Allowance(LIMITS, 0.0)
    assert all(allowance.request(0.0).allowed for _ in range(5))
    refused = allowance.request(0.0)
    assert (refused.allowed, refused.after_ms, refused.flooding) == (False, 100, False)
    assert allowance.request(0.1).allowed


def test_requests_that_go_on_far_above_the_limit_are_a_flood() -> None:
    allowance = Allowance(LIMITS, 0.0)
    rulings = [allowance.request(0.0) for _ in range(5 + 5 * PATIENCE_BURSTS)]
    assert not any(ruling.flooding for ruling in rulings)
    assert allowance.request(0.0).flooding


def test_a_client_that_retries_at_twice_the_rate_is_refused_but_never_taken_for_a_flood() -> None:
    allowance = Allowance(LIMITS, 0.0)
    rulings = [allowance.request(step / 20.0) for step in range(20 * 600)]
    assert not any(ruling.flooding for ruling in rulings)
    assert 0.45 < sum(ruling.allowed for ruling in rulings) / len(rulings) < 0.55


def test_signals_cost_a_part_of_a_request_and_pass_until_they_are_a_flood() -> None:
    allowance = Allowance(LIMITS, 0.0)
    calm = int(5 / SIGNAL_COST) + 5 * PATIENCE_BURSTS
    assert all(allowance.signal(0.0).allowed for _ in range(calm - 1))
    assert any(allowance.signal(0.0).flooding for _ in range(2))


def test_typing_has_its_own_limit_and_leaves_requests_alone() -> None:
    allowance = Allowance(LIMITS, 0.0)
    assert sum(allowance.typing(0.0).allowed for _ in range(30)) == 10
    assert allowance.request(0.0).allowed


def test_an_allowance_may_be_forgotten_only_when_that_gives_nothing_away() -> None:
    allowance = Allowance(LIMITS, 0.0)
    assert allowance.rested(0.0)
    allowance.request(0.0)
    assert not allowance.rested(0.05)
    assert allowance.rested(0.2)
