"""Every promise is named by tests, so that its proof can be found by its name."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"def test_((?:g[1-8]_)+)")


def test_every_promise_is_named_by_at_least_one_test() -> None:
    named: Counter[str] = Counter()
    for folder in ("services/tests", "e2e/tests"):
        for file in (ROOT / folder).rglob("test_*.py"):
            for found in NAMED.findall(file.read_text()):
                named.update(re.findall(r"g[1-8]", found))
    assert {f"g{number}" for number in range(1, 8)} <= set(named), named
