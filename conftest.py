"""Who runs which tests when several processes share them: `pytest -n 2 --dist loadgroup`.

Tests with real servers, a cluster, a browser or a platform that is killed take most of a machine, and wait for what
they caused: one process has all of them, one after the other. The other processes share the quick ones.
"""

import pytest

REAL = ("servers", "cluster", "browser", "fault", "slow")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Put what must not run side by side into one group, at once: pytest-xdist reads groups early."""
    if any(item.get_closest_marker(name) for name in REAL):
        item.add_marker(pytest.mark.xdist_group("real"))
