"""What a run does, step by step, and about how long that takes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from e2e.bench.contract import Product
from e2e.bench.workloads.choice import GROWTH, WORKLOADS, Workload
from e2e.bench.workloads.scale import Scale

SETUP: Final = "start"
"""The step before a product's workloads: it starts, gets its people, and is warmed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of one product in one round, and about how many seconds it takes on two quiet cores."""

    round: int
    product: str
    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run."""

    scale: Scale
    products: Sequence[Product]
    workloads: Sequence[Workload] = WORKLOADS
    growth: bool = False
    """Whether W9 is measured as well, once, of products that have what it needs."""

    def of(self, product: Product) -> list[Workload]:
        """The workloads for which a product has what they need."""
        return [workload for workload in self.workloads if workload.needs <= product.abilities]

    def grows(self, product: Product, number: int) -> bool:
        """Whether W9 is measured of this product in this round."""
        return self.growth and number == 1 and GROWTH.needs <= product.abilities

    def steps(self) -> list[Step]:
        """Everything, in order."""
        return [
            step
            for number in range(1, self.scale.rounds + 1)
            for product in self.products
            for step in self._steps(product, number)
        ]

    def _steps(self, product: Product, number: int) -> Iterator[Step]:
        setup = Step(number, product.name, SETUP, product.takes.setup_s + self.scale.warm_s * product.takes.times)
        if self.workloads:
            yield setup
        for workload in self.of(product):
            yield Step(number, product.name, workload.name, workload.lasts_s(self.scale) * product.takes.times)
        if self.grows(product, number):
            seconds = setup.seconds + GROWTH.lasts_s(self.scale) * product.takes.times
            yield Step(number, product.name, GROWTH.name, seconds)
