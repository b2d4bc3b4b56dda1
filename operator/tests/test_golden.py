"""The objects of every example are exactly those in the repository, so that each change of them is seen and read."""

import pytest
from golden_files import CASES, GOLDEN, text_of


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_chat_cluster_is_what_was_reviewed(case: str) -> None:
    written = (GOLDEN / case / "manifests.yaml").read_text()
    assert text_of(case) == written, "if this change is wanted: make golden, and review the difference"


def test_there_are_enough_examples() -> None:
    assert len(CASES) >= 12
