"""The CustomResourceDefinition, made from the model."""

from typing import Any

from parley_operator.model.chat_cluster import GROUP, KIND, PLURAL, VERSION, ChatClusterSpec
from parley_operator.model.schema import structural_schema
from parley_operator.model.status import ChatClusterStatus

_COLUMNS = (
    ("Phase", "string", ".status.phase", "Where the platform stands", 0),
    ("Gateways", "string", ".status.gateways", "Gateways that are ready, of those that are wanted", 0),
    ("Connections", "integer", ".status.connections", "Open connections", 0),
    ("Lag", "integer", ".status.lag", "Records that consumers have before them", 0),
    ("Version", "string", ".status.version", "Version that runs", 0),
    ("Age", "date", ".metadata.creationTimestamp", "Time since it was made", 0),
    ("Message", "string", '.status.conditions[?(@.type=="Available")].message', "What there is to know", 1),
)
_NAME_RULE = {
    "rule": "self.metadata.name.size() <= 40",
    "message": "metadata.name may have 40 characters at most: the names of pods are made from it",
    "fieldPath": ".metadata",
    "reason": "FieldValueInvalid",
}
_LABEL_RULE = {
    "rule": "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    "message": "metadata.name may have a-z, 0-9 and '-', and begins with a letter: names of Services are made from it",
    "fieldPath": ".metadata",
    "reason": "FieldValueInvalid",
}


def custom_resource_definition() -> dict[str, Any]:
    """The definition, ready for `kubectl apply`."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": KIND,
                "listKind": f"{KIND}List",
                "plural": PLURAL,
                "singular": KIND.lower(),
                "shortNames": ["cc"],
                "categories": ["parley"],
            },
            "versions": [_version()],
        },
    }


def _version() -> dict[str, Any]:
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [
            {"name": name, "type": kind, "jsonPath": path, "description": text, "priority": priority}
            for name, kind, path, text, priority in _COLUMNS
        ],
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.components.gateway.replicas",
                "statusReplicasPath": ".status.replicas",
                "labelSelectorPath": ".status.selector",
            },
        },
        "schema": {"openAPIV3Schema": _schema()},
    }


def _schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "A chat platform: gateways, chat services, topics, a keyspace and autoscaling.",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "description": "Version of this schema."},
            "kind": {"type": "string", "description": "ChatCluster."},
            "metadata": {"type": "object"},
            "spec": structural_schema(ChatClusterSpec),
            "status": structural_schema(ChatClusterStatus, defaults=False),
        },
        "x-kubernetes-validations": [_NAME_RULE, _LABEL_RULE],
    }
