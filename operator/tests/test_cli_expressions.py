"""The rules of the definition mean here what they mean to the API server."""

import pytest
import yaml
from rule_example import Example, all_rules
from rule_examples import EXAMPLES

from parley_operator.cli.compare.documents import BadInputError, ClusterDocument, read_documents
from parley_operator.cli.compare.expressions import UnsupportedError, holds

LASTING = tuple(each for each in EXAMPLES if "oldSelf" not in each.rule.rule)


@pytest.mark.parametrize("example", LASTING, ids=lambda example: example.name)
def test_what_a_rule_accepts_is_accepted(example: Example) -> None:
    for body in example.accepted_objects:
        assert read(body)


@pytest.mark.parametrize("example", LASTING, ids=lambda example: example.name)
def test_what_a_rule_refuses_is_refused_with_its_message(example: Example) -> None:
    for body in example.refused_objects:
        with pytest.raises(BadInputError, match=r".") as refused:
            read(body)
        assert example.rule.message in str(refused.value)


def test_every_rule_can_be_understood() -> None:
    for _, rule in all_rules():
        if "oldSelf" not in rule.rule:
            holds(rule.rule, {})


@pytest.mark.parametrize(
    ("rule", "true"),
    [
        ("!has(self.a) || self.a > 1", True),
        ("has(self.a) && !has(self.b)", False),
        ("self.missing == 1", False),
        ("1 in [2] == false", True),
        ("'a && b' == 'a && b'", True),
        ("['x', 'yy'].filter(each, each.size() > 1).size() == 1", True),
        ("['x', 'yy'].exists(each, each == 'z')", False),
        ("quantity('1Gi').compareTo(quantity('1000M')) > 0", True),
        ("quantity('1500m').compareTo(quantity('1.5')) == 0", True),
        ("isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0')", True),
        ("url('https://example.com/x').getScheme() == 'https'", True),
        ("'a:12'.substring('a:12'.lastIndexOf(':') + 1) == '12'", True),
        ("'chat'.matches('^[a-z]+$')", True),
    ],
)
def test_an_expression_is_what_the_language_says(rule: str, true: bool) -> None:  # noqa: FBT001
    assert holds(rule, {"b": 0}) is true


@pytest.mark.parametrize("rule", ["self.a ? 1 : 2", "unknown(1)", "self.a.unknown()", "-1 == 1", "other == 1"])
def test_what_is_not_understood_is_not_guessed(rule: str) -> None:
    with pytest.raises(UnsupportedError):
        holds(rule, {"a": 1})


def read(body: object) -> tuple[ClusterDocument, ...]:
    """A ChatCluster as `render` reads it."""
    return read_documents(yaml.safe_dump(body), "file", None).clusters
