"""ChatClusters and what becomes of them, in golden/CASE/. Run this file to write the manifests."""

from pathlib import Path
from typing import Any

import yaml

from parley_operator.desired.desired import desired
from parley_operator.desired.inputs import OPTIONAL_APIS, Inputs, Surroundings
from parley_operator.model.chat_cluster import ChatClusterSpec

GOLDEN = Path(__file__).parent / "golden"
CASES = tuple(sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir()))
UID = "11111111-2222-3333-4444-555555555555"
SERVED = {
    "keda": {"keda.sh/v1alpha1"},
    "gateway-api": {"gateway.networking.k8s.io/v1"},
    "monitoring": set(OPTIONAL_APIS),
}
"""Optional APIs that are there in a case."""


def cluster(case: str) -> dict[str, Any]:
    """The ChatCluster of a case."""
    found: dict[str, Any] = yaml.safe_load((GOLDEN / case / "cluster.yaml").read_text())
    return found


def manifests(case: str) -> list[dict[str, Any]]:
    """What becomes of it now."""
    resource = cluster(case)
    around = Surroundings("parley.chat/services:0.1.0", "0.1.0", frozenset(SERVED.get(case, ())))
    spec = ChatClusterSpec.read(resource["spec"])
    return desired(Inputs(resource["metadata"]["name"], resource["metadata"]["namespace"], UID, spec, around))


def text_of(case: str) -> str:
    """The same as YAML."""
    text: str = yaml.safe_dump_all(manifests(case), sort_keys=False, width=120)
    return text


if __name__ == "__main__":
    for each in CASES:
        (GOLDEN / each / "manifests.yaml").write_text(text_of(each))
