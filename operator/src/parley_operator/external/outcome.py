"""What a look at an external system found."""

from dataclasses import dataclass


class Unreachable(Exception):  # noqa: N818 - a state of the world
    """It does not answer, or turns us away; the text says where and why."""


class Refusal(Exception):  # noqa: N818
    """What is wanted would lose something; the text says the way out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Steps that are to be done, and what is refused, each with the way out."""

    planned: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
