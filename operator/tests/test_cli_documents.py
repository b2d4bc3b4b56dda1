"""Files with ChatClusters: what is read, and what is said of mistakes."""

from copy import deepcopy
from typing import Any

import pytest
import yaml
from rule_example import BASE, put

from parley_operator.cli.compare.documents import BadInputError, read_documents

OTHER = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tokens"}}


def text(*bodies: Any) -> str:
    return yaml.safe_dump_all(bodies)


def changed(path: str, value: object) -> dict[str, Any]:
    body = deepcopy(BASE)
    put(body, path, value)
    return body


def mistakes(*bodies: Any, namespace: str | None = None) -> list[str]:
    with pytest.raises(BadInputError) as refused:
        read_documents(text(*bodies), "file", namespace)
    return str(refused.value).splitlines()


def test_every_chat_cluster_of_a_file_is_read_and_the_rest_is_named() -> None:
    found = read_documents(text(OTHER, BASE, None, changed("metadata.name", "second")), "file", None)
    assert [each.name for each in found.clusters] == ["chat", "second"]
    assert found.others == ("file, document 1 is a Secret: left out",)


def test_a_list_is_read_as_kubectl_prints_it() -> None:
    found = read_documents(text({"apiVersion": "v1", "kind": "List", "items": [OTHER, BASE]}), "file", None)
    assert [each.name for each in found.clusters] == ["chat"]


def test_the_namespace_of_the_file_comes_first_then_the_option_then_the_context() -> None:
    own = changed("metadata.namespace", "own")
    assert read_documents(text(own), "file", None, "context").clusters[0].namespace == "own"
    assert read_documents(text(BASE), "file", "option", "context").clusters[0].namespace == "option"
    assert read_documents(text(BASE), "file", None, "context").clusters[0].namespace == "context"


def test_two_namespaces_must_agree() -> None:
    (line,) = mistakes(changed("metadata.namespace", "own"), namespace="option")
    assert line == "file: metadata.namespace is 'own': but -n says 'option': they must agree"


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("spec.size", "huge", 'spec.size is "huge": allowed is one of development, small, medium, large, xlarge'),
        ("spec.paused", "yes", 'spec.paused is "yes": allowed is true or false'),
        ("spec.limits.heartbeatSeconds", True, "spec.limits.heartbeatSeconds is true: allowed is a whole number from"),
        ("spec.kafka.topics.partitions", "12", 'spec.kafka.topics.partitions is "12": allowed is a whole number from'),
        ("spec.kafka.topics.partitions", 0, "spec.kafka.topics.partitions is 0: allowed is a whole number from 1 to"),
        ("spec.kafka.bootstrapServers.0", "kafka", 'spec.kafka.bootstrapServers[0] is "kafka": allowed is text of'),
        ("spec.cql.contactPoints", [], "spec.cql.contactPoints is []: allowed is a list of 1 to 32 entries"),
        ("spec.cql.contactPoints", None, "spec.cql.contactPoints is not set: it must be: a list of 1 to 32 entries"),
        ("spec.sise", "small", "spec.sise is not a field: did you mean size? allowed are version, image,"),
        ("spec.kafka", "kafka:9092", 'spec.kafka is "kafka:9092": allowed is an object with the fields boot'),
        ("spec.components.gateway.zzz", 1, "spec.components.gateway.zzz is not a field: allowed are replicas,"),
        ("spec.redis.address", None, "spec.redis is {"),
        ("metadata.name", "x" * 41, f"metadata.name is '{'x' * 41}': metadata.name may have 40 characters at most"),
        ("metadata.name", None, "metadata.name is not set: it must be: text of at most 40 characters"),
    ],
)
def test_a_mistake_is_told_with_field_value_and_what_is_allowed(path: str, value: object, line: str) -> None:
    (told,) = mistakes(changed(path, value))
    assert told.startswith(f"file: {line}")


def test_all_mistakes_of_all_documents_are_told_at_once() -> None:
    first, second = changed("spec.size", "huge"), changed("spec.redis.database", -1)
    put(first, "spec.paused", 3)
    lines = mistakes(first, second)
    assert [line.partition(": ")[0] for line in lines] == ["file, document 1", "file, document 1", "file, document 2"]


def test_another_version_of_the_api_is_told() -> None:
    told = mistakes({**BASE, "apiVersion": "parley.chat/v2"})
    assert told == ["file: apiVersion is 'parley.chat/v2': allowed is parley.chat/v1alpha1"]


def test_a_missing_spec_is_told() -> None:
    body = deepcopy(BASE)
    del body["spec"]
    assert mistakes(body) == ["file: spec is not set: it must be: an object"]


def test_a_field_that_is_null_counts_as_not_set() -> None:
    body = deepcopy(BASE)
    body["spec"]["size"] = None
    assert read_documents(text(body), "file", None).clusters[0].spec.size is None


def test_values_of_secret_variables_are_not_shown_in_messages() -> None:
    body = changed("spec.components.chat.env", [{"name": "MY_TOKEN", "value": 123_456}])
    assert "123456" not in "".join(mistakes(body))
    put(body, "spec.components.chat", {"replicas": 0, "env": [{"name": "MY_TOKEN", "value": "hidden-value"}]})
    (told,) = mistakes(body)
    assert "hidden-value" not in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [", "file is not YAML: line 1, column 5: expected the node content"),
        ("a: \x01", "file is not YAML: unacceptable character"),
        ("", "file holds no ChatCluster: give it a document with `kind: ChatCluster`"),
        ("text", "file is no object: it must have apiVersion, kind, metadata and spec"),
        (yaml.safe_dump(OTHER), "file holds no ChatCluster"),
    ],
)
def test_a_file_without_a_chat_cluster_is_told_apart(content: str, message: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_documents(content, "file", None)
    assert str(refused.value).startswith(message)
