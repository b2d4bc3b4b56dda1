"""What stands in for a backend that a role does not use, so that no process holds credentials it has no need of."""

from typing import Any, NoReturn


class Absent:
    """Refuses everything: to use it is a mistake of the program."""

    def __init__(self, part: str) -> None:
        """`part` is what the role was not given."""
        self._part = part

    def __getattr__(self, name: str) -> NoReturn:
        """Say what is missing."""
        raise RuntimeError(f"this role has no {self._part}, and asked it for {name}")


def absent(part: str) -> Any:  # noqa: ANN401 - stands in for any port
    """An object of any port's type that must not be used."""
    return Absent(part)
