"""What an answer of the API server means is told apart by what it says."""

import pytest

from parley_operator.kube.errors import Conflict, NotFound, TooMany, error_of, patch_error_of

MISFIT = {"message": "the server rejected our request due to an error in our request", "reason": "Invalid"}
INVALID = {
    "message": "ChatCluster is invalid",
    "reason": "Invalid",
    "details": {"kind": "ChatCluster", "causes": [{"field": "spec.size", "message": "must be one of"}]},
}


def test_a_json_patch_that_no_longer_fits_is_a_conflict_and_not_a_refusal() -> None:
    error = patch_error_of(422, "PATCH /x", {**MISFIT, "details": {}}, None)
    assert isinstance(error, Conflict)
    assert "not as it was read" in str(error)


def test_a_json_patch_that_makes_an_object_invalid_stays_a_refusal_that_names_the_field() -> None:
    error = patch_error_of(422, "PATCH /x", INVALID, None)
    assert not isinstance(error, Conflict)
    assert error.permanent
    assert "spec.size" in str(error)


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (409, Conflict), (429, TooMany)])
def test_other_answers_mean_the_same_for_every_call(status: int, kind: type) -> None:
    for meant in (error_of, patch_error_of):
        error = meant(status, "PATCH /x", {"message": "no"}, "7")
        assert type(error) is kind
        assert error.retry_after_s == 7
