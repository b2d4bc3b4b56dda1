"""All numbers of two honest runs agree, nearly always; and a product that has become slower is still found."""

import math
import random
import statistics

from e2e.bench.results.kinds import Kind
from e2e.bench.results.spread import apart, stated, variance

_PAIRS = 50
_KINDS = (
    (Kind.MIDDLE, 50, 0.11),
    (Kind.TAIL, 40, 0.17),
    (Kind.FEW, 50, 0.23),
    (Kind.RATIO, 12, 0.33),
    (Kind.RATE, 22, 0.05),
)
"""How many numbers there are, and the usual standard deviation of their logarithms, as measured on two cores."""


def noise(chance: random.Random) -> float:
    """With a deviation of about one, and outliers: Student's t with four degrees of freedom."""
    squares = statistics.fmean(chance.gauss() ** 2 for _ in range(4))
    return chance.gauss() / math.sqrt(squares * 2)


def run(chance: random.Random, deviations: list[float], slower: float = 1.0) -> list[list[float]]:
    """Two rounds of each number; a day moves all of them a little."""
    day = chance.gauss(sigma=0.05)
    return [[slower * math.exp(day + one * noise(chance)) for _ in range(2)] for one in deviations]


def spreads(kind: Kind, numbers: list[list[float]]) -> list[float]:
    variances = [variance(kind, rounds) for rounds in numbers]
    of_kind = [one for one in variances if one is not None]
    return [stated(kind, of_kind, own, 2) for own in variances]


def agreeing(kind: Kind, one: list[list[float]], other: list[list[float]]) -> list[bool]:
    return [
        apart(kind, (statistics.median(first), statistics.median(second))) <= max(most)
        for first, second, *most in zip(one, other, spreads(kind, one), spreads(kind, other), strict=True)
    ]


def deviations(chance: random.Random, count: int, usual: float) -> list[float]:
    """Some numbers are noisier than others of their kind."""
    return [usual * math.exp(chance.gauss(sigma=0.5)) for _ in range(count)]


def test_all_numbers_of_two_honest_runs_agree_in_nine_of_ten_pairs() -> None:
    chance, whole = random.Random(7), 0
    for _ in range(_PAIRS):
        noisy = [(kind, deviations(chance, count, usual)) for kind, count, usual in _KINDS]
        whole += all(all(agreeing(kind, run(chance, each), run(chance, each))) for kind, each in noisy)
    assert whole >= _PAIRS * 0.9


def test_a_product_at_half_its_rate_and_twice_its_median_is_found() -> None:
    chance = random.Random(7)
    for kind, count, usual in _KINDS:
        if kind in {Kind.RATE, Kind.MIDDLE}:
            each = deviations(chance, count, usual)
            assert not all(agreeing(kind, run(chance, each), run(chance, each, slower=2.0)))
