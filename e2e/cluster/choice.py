"""Which provider a machine gets; pure."""

from collections.abc import Callable, Mapping

from e2e.cluster.failure import ClusterError

AUTO = "auto"
CHOSEN_BY_AUTO = ("kind", "host")
"""In this order; a cluster of somebody's own is never chosen for him."""


def choose(asked: str, lacking: Mapping[str, Callable[[], list[str]]]) -> str:
    """The provider to take: the one asked for, or with `auto` the first that lacks nothing.

    `lacking` has a question for each provider. Raises ClusterError that names all that is missing, of each candidate.
    """
    candidates = CHOSEN_BY_AUTO if asked == AUTO else (asked,)
    found = {}
    for name in candidates:
        found[name] = lacking[name]()
        if not found[name]:
            return name
    reasons = "".join(f"\n  {name}:" + "".join(f"\n    - {text}" for text in found[name]) for name in candidates)
    raise ClusterError(f"no cluster can be had here. What is missing for each provider:{reasons}")
