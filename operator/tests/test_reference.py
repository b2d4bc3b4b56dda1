"""Every word that the operator says is explained, and the page is in step with the code."""

import re
from pathlib import Path

from parley_operator.cli.reference.operator_reference import reference_page
from parley_operator.reconcile.catalogue import CONDITIONS, EVENTS, REASONS
from parley_operator.watch.metrics import REGISTRY

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "operator" / "src" / "parley_operator"


def test_the_committed_page_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "operator-reference.md").read_text() == reference_page(), "run `make docs`"


def test_every_condition_reason_event_and_metric_is_on_the_page() -> None:
    page = reference_page()
    for entry in (*CONDITIONS, *REASONS, *EVENTS):
        assert f"`{entry.name}`" in page
    for family in REGISTRY.collect():
        assert family.name in page


def test_every_event_of_the_catalogue_is_recorded_somewhere_and_no_other() -> None:
    code = "".join(path.read_text() for path in SOURCES.rglob("*.py") if path.name != "catalogue.py")
    for entry in EVENTS:
        assert re.search(rf'"{entry.name}"', code), f"nothing records {entry.name}"


def test_every_reason_of_the_catalogue_is_given_somewhere() -> None:
    code = "".join(path.read_text() for path in SOURCES.rglob("*.py") if path.name != "catalogue.py")
    for entry in REASONS:
        assert re.search(rf'"{entry.name}"', code), f"nothing gives {entry.name}"
