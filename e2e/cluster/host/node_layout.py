"""Names, addresses and places inside the node.

The node's mount namespace shows parts of the cluster's folder at places where programs look for them, so that nothing
inside depends on where that folder is, and nothing is written outside it.
"""

from pathlib import Path
from typing import Final

NAME: Final = "parley-0"
ADDRESS: Final = "172.31.250.2"
NETWORK: Final = "172.31.250.2/24"
API_PORT: Final = 6443
SERVICE_NETWORK: Final = "10.96.0.0/16"
API_SERVICE_ADDRESS: Final = "10.96.0.1"
POD_NETWORK: Final = "10.244.0.0/22"

SHOWN: Final = {"lib": Path("/var/lib"), "logs": Path("/var/log"), "tmp": Path("/tmp")}  # noqa: S108 - a mount point
"""Folders of the cluster's folder, and where the node sees them."""

STATE: Final = Path("/var/lib/parley-node")
"""What is neither a component's data nor a log."""

CERTIFICATES: Final = STATE / "certificates"
CONFIGURATION: Final = STATE / "configuration"
IMAGES: Final = STATE / "images"
PROGRAMS: Final = STATE / "programs"
FAKE_NODE_STAGES: Final = STATE / "fake-node-stages"
LOGS: Final = Path("/var/log")
CONTAINERD_SOCKET: Final = Path("/run/containerd/containerd.sock")
ISOLATED: Final = STATE / "isolated"
"""Exists once the node's network is there."""
STARTED: Final = STATE / "started"
"""Exists once every component runs."""


def outside(folder: Path, inside: Path) -> Path:
    """Where a place of the node is in the cluster's folder, seen from outside."""
    for name, shown in SHOWN.items():
        if inside.is_relative_to(shown):
            return folder / name / inside.relative_to(shown)
    raise ValueError(f"{inside} is not in the cluster's folder")
