"""What every cluster offers to tests and people, wherever it runs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

Tell = Callable[[str], None]
"""Takes a line that says how far something is."""


@dataclass(frozen=True)
class Features:
    """What a cluster can do beyond what all can; a test that needs more is left out where it is not there."""

    networkpolicy: bool = False
    loadbalancer: bool = False
    metrics: bool = False
    audit: bool = False
    fake_nodes: bool = False


@dataclass(frozen=True)
class Info:
    """All that a test knows of its cluster; paths are absolute.

    `node_ports` maps NodePorts to the ports of 127.0.0.1 that lead to them; `audit_log` is the API server's log of
    requests, one JSON object a line; `programs` names kubectl and, if there is one, helm.
    """

    provider: str
    context: str
    kubeconfig: str
    versions: Mapping[str, str]
    features: Features
    programs: Mapping[str, str]
    node_ports: Mapping[int, int] = field(default_factory=dict)
    audit_log: str | None = None

    def to_json(self) -> str:
        """The information as JSON."""
        return json.dumps(asdict(self), indent=2)


class Provider(Protocol):
    """A way to have a cluster; each writes one kubeconfig into its folder, with the context that `info` names."""

    def lacking(self) -> list[str]:
        """What this machine lacks for it, each with the way out; empty when it can run here."""
        ...

    def up(self, tell: Tell) -> None:
        """Bring the cluster up and wait until its node is Ready; does nothing when it is there already."""
        ...

    def load(self, images: Path) -> None:
        """Give the cluster the images of an archive (OCI or docker format)."""
        ...

    def info(self) -> Info:
        """Describe the cluster that is up; raises ClusterError when it is not."""
        ...

    def logs(self, target: Path) -> None:
        """Collect everything that tells what happened into a folder."""
        ...

    def down(self) -> None:
        """End the cluster and leave the machine as it was; does nothing when there is none."""
        ...
