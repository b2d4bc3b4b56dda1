"""Every word that the operator says stands in the catalogue once, with what it means."""

import re
from pathlib import Path
from typing import Final

import pytest

from parley.contract import ROLES
from parley_operator.reconcile.catalogue import (
    CONDITION_NAMES,
    CONDITIONS,
    EVENT_NAMES,
    EVENTS,
    REASON_NAMES,
    REASONS,
    Entry,
)

TABLES: Final = (CONDITIONS, REASONS, EVENTS)
SOURCES: Final = Path(__file__).resolve().parents[1] / "src" / "parley_operator"


@pytest.mark.parametrize("table", TABLES)
def test_names_are_unique(table: tuple[Entry, ...]) -> None:
    names = [entry.name for entry in table]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", name) for name in names)


@pytest.mark.parametrize("entry", [entry for table in TABLES for entry in table], ids=lambda entry: entry.name)
def test_every_entry_has_a_meaning_in_sentences(entry: Entry) -> None:
    assert re.fullmatch(r"[A-Z].*[.]", entry.meaning)
    assert entry.action == "" or re.fullmatch(r"[A-Za-z].*[.]", entry.action)


def test_every_component_has_its_condition() -> None:
    assert {f"{role.capitalize()}Ready" for role in ROLES} <= set(CONDITION_NAMES)


def test_what_is_wrong_comes_with_what_to_do() -> None:
    wrong = {
        "Invalid",
        "SecretMissing",
        "Unreachable",
        "Refused",
        "CircuitOpen",
        "PodsNotReady",
        "NoPods",
        "RolledBack",
    }
    assert all(entry.action for entry in REASONS if entry.name in wrong)
    assert wrong <= REASON_NAMES


def test_every_word_is_said_somewhere() -> None:
    """A word that nobody says would stand in the reference for nothing."""
    texts = [path.read_text() for path in sorted(SOURCES.rglob("*.py")) if path.name != "catalogue.py"]
    said = set(re.findall(r'"([A-Z][A-Za-z]+)"', "\n".join(texts)))
    made = {f"{role.capitalize()}Ready" for role in ROLES}
    assert {*CONDITION_NAMES, *REASON_NAMES, *EVENT_NAMES} - said - made == set()
