"""How tests are shared out among processes."""

import os

import pytest


@pytest.mark.slow
def test_what_must_not_run_side_by_side_is_in_one_group(request: pytest.FixtureRequest) -> None:
    marker = request.node.get_closest_marker("xdist_group")
    assert marker is not None
    assert marker.args == ("real",)
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@real"), "the group came too late for the one who shares out"
