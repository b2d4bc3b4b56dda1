"""Metadata with the labels by which Prometheus and Grafana choose what they read."""

from collections.abc import Mapping

from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.names import metadata


def labelled(inputs: Inputs, suffix: str, more: Mapping[str, str]) -> Manifest:
    """Metadata of an object with more labels, which never replace our own."""
    made = metadata(inputs, suffix)
    return {**made, "labels": {**more, **made["labels"]}}
