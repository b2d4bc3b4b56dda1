"""ChatClusters in a YAML file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from parley_operator.cli.compare.expressions import holds
from parley_operator.cli.compare.mistakes import Mistake, read_spec
from parley_operator.model.chat_cluster import API_VERSION, KIND, ChatClusterSpec
from parley_operator.model.crd import custom_resource_definition

_NAME_RULES: Final = custom_resource_definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"][
    "x-kubernetes-validations"
]


class BadInputError(Exception):
    """A file that cannot be used; every line says one thing that is wrong."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class ClusterDocument:
    """A ChatCluster as a file has it. `uid` is empty unless the file was taken from a cluster."""

    name: str
    namespace: str
    uid: str
    spec: ChatClusterSpec
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Documents:
    """The ChatClusters of a file, and what else is in it."""

    clusters: tuple[ClusterDocument, ...]
    others: tuple[str, ...]


def read_documents(text: str, source: str, namespace: str | None, default_namespace: str = "default") -> Documents:
    """All ChatClusters of a file. `namespace` must agree with what the file says, as with kubectl."""
    clusters: list[ClusterDocument] = []
    others: list[str] = []
    wrong: list[str] = []
    for place, body in _objects(text, source):
        if body.get("kind") != KIND:
            others.append(f"{place} is a {body.get('kind') or 'document without kind'}: left out")
            continue
        read = _cluster(body, namespace, default_namespace)
        if isinstance(read, ClusterDocument):
            clusters.append(read)
        else:
            wrong += [f"{place}: {mistake}" for mistake in read]
    if wrong:
        raise BadInputError(*wrong)
    if not clusters:
        raise BadInputError(f"{source} holds no {KIND}: give it a document with `kind: {KIND}`")
    return Documents(tuple(clusters), tuple(others))


def _objects(text: str, source: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the file, also those in a List, with the place where it stands."""
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        raise BadInputError(f"{source} is not YAML: {_yaml_mistake(error)}") from None
    for number, document in enumerate(documents, 1):
        place = f"{source}, document {number}" if len(documents) > 1 else source
        if document is None:
            continue
        if not isinstance(document, dict):
            raise BadInputError(f"{place} is no object: it must have apiVersion, kind, metadata and spec")
        if str(document.get("kind", "")).endswith("List") and isinstance(document.get("items"), list):
            for entry, item in enumerate(document["items"], 1):
                if isinstance(item, dict):
                    yield f"{place}, item {entry}", item
        else:
            yield place, document


def _yaml_mistake(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        where = error.problem_mark
        return f"line {where.line + 1}, column {where.column + 1}: {error.problem}"
    return " ".join(str(error).split())


def _cluster(
    body: Mapping[str, Any], namespace: str | None, default_namespace: str
) -> ClusterDocument | list[Mistake | str]:
    metadata = body.get("metadata")
    if body.get("apiVersion") != API_VERSION:
        return [Mistake("apiVersion", f"is {body.get('apiVersion')!r}", f"allowed is {API_VERSION}")]
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return [Mistake("metadata.name", "is not set", "it must be: text of at most 40 characters")]
    name = metadata["name"]
    wrong: list[Mistake | str] = [
        Mistake("metadata.name", f"is {name!r}", rule["message"])
        for rule in _NAME_RULES
        if not holds(rule["rule"], {"metadata": {"name": name}})
    ]
    written = metadata.get("namespace")
    if namespace and written and written != namespace:
        wrong.append(Mistake("metadata.namespace", f"is {written!r}", f"but -n says {namespace!r}: they must agree"))
    spec = body.get("spec")
    if not isinstance(spec, dict):
        return [*wrong, Mistake("spec", "is not set", "it must be: an object")]
    read = read_spec(spec)
    if isinstance(read, list):
        return [*wrong, *read]
    if wrong:
        return wrong
    return ClusterDocument(name, written or namespace or default_namespace, metadata.get("uid") or "", read, body)
