"""Every rule of the ChatCluster's definition has an example, and a message that helps who breaks it."""

import re
from collections import Counter

import pytest
from rule_example import Example, Owner, all_rules
from rule_examples import EXAMPLES

from parley_operator.model.chat_cluster import ChatClusterSpec
from parley_operator.model.part import Rule
from parley_operator.model.schema import _parts

RULES = tuple(all_rules())
FEWEST_RULES = 40
VERBS = {"must", "may", "cannot", "is", "are", "needs", "need", "have", "belong", "sends", "measures"}

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
each_rule = pytest.mark.parametrize(("owner", "rule"), RULES, ids=[rule.message[:60] for _, rule in RULES])


def test_every_rule_has_exactly_one_example() -> None:
    examples = Counter((example.owner, example.rule) for example in EXAMPLES)
    assert examples == Counter(RULES)


def test_there_are_many_rules() -> None:
    assert len(RULES) >= FEWEST_RULES


@each_rule
def test_a_message_is_a_sentence_that_names_a_field(owner: Owner, rule: Rule) -> None:
    words = set(re.findall(r"[A-Za-z]+", rule.message))
    assert words & VERBS
    assert not rule.message.endswith(".")
    assert words & _field_names(owner)


@each_rule
def test_a_rule_points_at_a_field_of_its_part(owner: Owner, rule: Rule) -> None:
    assert set(rule.field.split(".")[1:]) <= _field_names(owner)


@each_example
def test_an_example_shows_both_sides(example: Example) -> None:
    assert example.accepted
    assert example.refused


@each_example
def test_only_rules_about_changes_have_something_stored_before(example: Example) -> None:
    assert (example.old is not None) == ("oldSelf" in example.rule.rule)


@each_example
def test_what_is_accepted_can_be_read(example: Example) -> None:
    for each in example.accepted_objects:
        ChatClusterSpec.read(each["spec"])


@each_example
def test_what_is_refused_has_nothing_else_wrong_with_it(example: Example) -> None:
    for each in [*example.refused_objects, *filter(None, [example.before])]:
        ChatClusterSpec.read(each["spec"])


def _field_names(owner: Owner) -> set[str]:
    """The fields of a part and of all that is in it."""
    if owner is None:
        return {"name"}
    return {str(field.alias or name) for part in _parts(owner).values() for name, field in part.model_fields.items()}
