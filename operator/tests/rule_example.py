"""What an example of a rule is: objects that differ in a few fields from a small one that every rule accepts."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from parley_operator.model.auth import Auth
from parley_operator.model.autoscaling import Autoscaling
from parley_operator.model.chat_cluster import API_VERSION, KIND, ChatClusterSpec
from parley_operator.model.component import Component, Toleration
from parley_operator.model.cql import Cql, Replication
from parley_operator.model.crd import custom_resource_definition
from parley_operator.model.exposure import ClientService, Exposure, Ingress, NetworkPolicy
from parley_operator.model.kafka import Kafka, Topics
from parley_operator.model.limits import Limits
from parley_operator.model.part import Part, Rule
from parley_operator.model.pod_template import PodMetadata, Resources, Variable, VariableSource, Volume
from parley_operator.model.redis import Redis
from parley_operator.model.schema import _parts

Manifest = dict[str, Any]
Settings = Mapping[str, Any]
"""Values by their dotted paths: from the place of the part, or from the root if they begin with `spec.`.

A number is a place in a list, and None takes away what is there.
"""
Owner = type[Part] | None
"""The part that a rule belongs to; None stands for the whole resource, whose rules are about its metadata."""

BASE: Final[Manifest] = {
    "apiVersion": API_VERSION,
    "kind": KIND,
    "metadata": {"name": "chat"},
    "spec": {
        "kafka": {"bootstrapServers": ["kafka:9092"]},
        "cql": {"contactPoints": ["cql"]},
        "redis": {"address": "redis:6379"},
        "auth": {"jwtSecret": {"name": "tokens", "key": "jwt"}},
    },
}
"""The smallest ChatCluster."""

PLACES: Final[Mapping[Owner, str]] = {
    None: "metadata",
    Auth: "spec.auth",
    Autoscaling: "spec.components.gateway.autoscaling",
    ChatClusterSpec: "spec",
    ClientService: "spec.exposure.service",
    Component: "spec.components.chat",
    Cql: "spec.cql",
    Exposure: "spec.exposure",
    Ingress: "spec.exposure.ingress",
    Kafka: "spec.kafka",
    Limits: "spec.limits",
    NetworkPolicy: "spec.networkPolicy",
    PodMetadata: "spec.components.chat.podTemplate.metadata",
    Redis: "spec.redis",
    Replication: "spec.cql.replication",
    Resources: "spec.components.chat.resources",
    Toleration: "spec.components.chat.scheduling.tolerations.0",
    Topics: "spec.kafka.topics",
    Variable: "spec.components.chat.env.0",
    VariableSource: "spec.components.chat.env.0.valueFrom",
    Volume: "spec.components.chat.podTemplate.spec.volumes.0",
}
"""Where each part with rules stands in the examples; one place for those that stand at several."""


@dataclass(frozen=True, slots=True)
class Example:
    """What one rule accepts and what it refuses.

    `begins` is how the rule's message begins. `old` is what was stored before, for rules about changes. `says` is what
    the API server tells when the rule makes its sentence from values. All objects are made from `BASE`, by setting
    `always` and then the settings of one case.
    """

    owner: Owner
    begins: str
    accepted: Sequence[Settings]
    refused: Sequence[Settings]
    always: Settings = field(default_factory=dict)
    old: Settings | None = None
    says: str = ""

    @property
    def name(self) -> str:
        """A name for reports."""
        return f"{self.owner.__name__ if self.owner else 'metadata'}: {self.begins}"

    @property
    def place(self) -> str:
        """The path of the part."""
        return PLACES[self.owner]

    @property
    def path(self) -> str:
        """The path of the field that the rule points at."""
        return self.place + self.rule.field

    @property
    def rule(self) -> Rule:
        """The rule that this is an example of."""
        (found,) = (rule for owner, rule in all_rules() if owner is self.owner and rule.message.startswith(self.begins))
        return found

    @property
    def told(self) -> str:
        """What a person reads when it is refused."""
        return self.says or self.rule.message

    @property
    def before(self) -> Manifest | None:
        """The object that is stored before, when the rule is about changes."""
        return None if self.old is None else self._object(self.old)

    @property
    def accepted_objects(self) -> list[Manifest]:
        """Objects that every rule accepts."""
        return [self._object(each) for each in self.accepted]

    @property
    def refused_objects(self) -> list[Manifest]:
        """Objects that this rule refuses, and no other."""
        return [self._object(each) for each in self.refused]

    def _object(self, settings: Settings) -> Manifest:
        made = deepcopy(BASE)
        for path, value in {**self.always, **settings}.items():
            put(made, path if path.startswith("spec.") else f"{self.place}.{path}", value)
        return made


@cache
def all_rules() -> tuple[tuple[Owner, Rule], ...]:
    """Every rule of the definition, with the part that it belongs to."""
    return (*_rules_of_the_definition(), *_rules_of_parts())


def _rules_of_the_definition() -> Iterator[tuple[Owner, Rule]]:
    (version,) = custom_resource_definition()["spec"]["versions"]
    for each in version["schema"]["openAPIV3Schema"]["x-kubernetes-validations"]:
        yield None, Rule(each["rule"], each["message"], field=each["fieldPath"].removeprefix(f".{PLACES[None]}"))


def _rules_of_parts() -> Iterator[tuple[Owner, Rule]]:
    for part in _parts(ChatClusterSpec).values():
        if issubclass(part, Part):
            for rule in part.rules:
                yield part, rule


def put(into: Manifest, path: str, value: object) -> None:
    """Set the value at a dotted path, and make what is missing on the way; None takes away what is there."""
    *way, last = path.split(".")
    at: Any = into
    for step, following in zip(way, [*way[1:], last], strict=True):
        if isinstance(at, list):
            if int(step) == len(at):
                at.append([] if following.isdigit() else {})
            at = at[int(step)]
        else:
            at = at.setdefault(step, [] if following.isdigit() else {})
    if isinstance(at, list):
        at[int(last) : int(last) + 1] = [] if value is None else [deepcopy(value)]
    elif value is None:
        at.pop(last, None)
    else:
        at[last] = deepcopy(value)
