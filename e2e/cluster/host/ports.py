"""Which TCP ports lead into the node, and which lead out of it."""

import json
from pathlib import Path
from typing import Final

from e2e.backends.ports import Ports
from e2e.cluster.backends.addresses import PORTS
from e2e.cluster.host import node_layout as layout

NODE_PORTS: Final = (30080, 30081, 30443, 30090)
"""The NodePorts that are reachable through 127.0.0.1; those that kind's configuration maps as well."""

OUTWARD_PORTS: Final = PORTS
"""Where pods find the backends at the node's address."""


class NodePorts:
    """The relays' ports, kept in files of the cluster's folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder, which may be removed and made again meanwhile."""
        self._folder = folder
        self._outward = folder / "outward.json"

    @property
    def api(self) -> int:
        """Where the API server answers on 127.0.0.1."""
        return Ports(self._folder).of("api")

    def inward(self) -> dict[int, int]:
        """Ports of 127.0.0.1, and the node's port behind each."""
        return {self.api: layout.API_PORT} | {local: port for port, local in self.node_ports().items()}

    def node_ports(self) -> dict[int, int]:
        """NodePorts, and the port of 127.0.0.1 that leads to each."""
        return {port: Ports(self._folder).of(f"node-port-{port}") for port in NODE_PORTS}

    def outward(self) -> dict[str, int]:
        """Names of OUTWARD_PORTS, and the port of 127.0.0.1 outside that is behind each now."""
        try:
            found: dict[str, int] = json.loads(self._outward.read_text())
        except FileNotFoundError:
            return {}
        return found

    def lead_outward(self, ports: dict[str, int]) -> None:
        """Let these names lead to these ports of 127.0.0.1 outside, from the next connection on."""
        self._outward.write_text(json.dumps(ports))
