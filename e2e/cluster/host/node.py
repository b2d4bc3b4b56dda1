"""The node's first process: isolates itself, starts every component, and ends with the first of them that does.

Run by the supervisor through unshare, as PID 1 of new mount, PID, network, IPC and UTS namespaces. When it ends, the
kernel ends everything in them and takes mounts, links and rules away.
"""

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from e2e.cluster.host import components, kernel_settings
from e2e.cluster.host import node_layout as layout

READY_S = 120.0
_INSIDE_ETCD = ("127.0.0.1", 2379)


def isolate(folder: Path) -> None:
    """Show the cluster's folder where the node expects it, and make its network."""
    _run("mount", "--make-rprivate", "/")
    _run("mount", "-t", "tmpfs", "tmpfs", "/run")
    for name, shown in layout.SHOWN.items():
        _run("mount", "--bind", str(folder / name), str(shown))
    kernel_settings.show_wanted(layout.STATE / "kernel-settings")
    # Containers see what the kubelet mounts for them later.
    _run("mount", "--make-rshared", "/")
    _run("ip", "link", "set", "lo", "up")
    # A bridge without ports stands in for a network card: there is no way out.
    _run("ip", "link", "add", "node0", "type", "bridge")
    _run("ip", "addr", "add", layout.NETWORK, "dev", "node0")
    _run("ip", "link", "set", "node0", "up")
    _run("hostname", layout.NAME)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    layout.ISOLATED.touch()


_RESTARTED: Final = "kube-apiserver"
_MOST_RESTARTS: Final = 20


class Node:
    """The components, and the children that they leave behind."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._running: dict[int, components.Command] = {}
        self._restarts = 0

    def start(self, command: components.Command) -> None:
        """Start a component; its output goes to a log of its name."""
        name = _name(command)
        with (layout.LOGS / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        # Reaped below, together with what is inherited; the object must not wait for it as well.
        process.returncode = 0
        self._running[process.pid] = command

    def await_ready(self, what: str, check: Callable[[], bool]) -> None:
        """Wait until a check holds; ends the node when a component ended or the time is over."""
        began = time.monotonic()
        while time.monotonic() - began < READY_S:
            self._reap(os.WNOHANG)
            with suppress(OSError, http.client.HTTPException):
                if check():
                    print(f"node: {what} after {time.monotonic() - began:.1f} s", flush=True)
                    return
            time.sleep(0.05)
        sys.exit(f"node: no {what} within {READY_S:g} s; see the component's log")

    def watch(self) -> None:
        """Reap whatever ends, for ever; ends the node with the first component that does."""
        while True:
            self._reap(0)

    def _reap(self, options: int) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, options)) != (0, 0):
                pid, status = ended
                if pid in self._running:
                    self._ended(self._running.pop(pid), os.waitstatus_to_exitcode(status))

    def _ended(self, command: components.Command, code: int) -> None:
        """The API server is started again, as a kubelet does where it is a pod; without another there is no node."""
        if _name(command) != _RESTARTED or self._restarts >= _MOST_RESTARTS:
            sys.exit(f"node: {_name(command)} ended with code {code}; see its log")
        self._restarts += 1
        print(f"node: {_name(command)} ended with code {code} and is started again", flush=True)
        self.start(command)


def _name(command: components.Command) -> str:
    return Path(command[0]).name


def etcd_answers() -> bool:
    """Whether etcd has a leader and serves."""
    connection = http.client.HTTPConnection(*_INSIDE_ETCD, timeout=2)
    connection.request("GET", "/health")
    return connection.getresponse().status == http.HTTPStatus.OK


def api_answers() -> bool:
    """Whether the API server is ready; it says so to anybody."""
    context = ssl.create_default_context(cafile=layout.CERTIFICATES / "ca.crt")
    connection = http.client.HTTPSConnection("127.0.0.1", layout.API_PORT, timeout=5, context=context)
    connection.request("GET", "/readyz")
    return connection.getresponse().status == http.HTTPStatus.OK


def main(folder: Path, control_group: str) -> None:
    """Bring the node up and stay with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    isolate(folder)
    node = Node()
    node.start(components.etcd())
    node.start(components.containerd())
    node.await_ready("etcd", etcd_answers)
    node.start(components.api_server())
    node.await_ready("containerd", layout.CONTAINERD_SOCKET.exists)
    imports = [_import(path) for path in sorted(layout.IMAGES.glob("*.tar"))]
    for process, path in imports:
        if process.wait() != 0:
            sys.exit(f"node: containerd could not import {path}")
    node.await_ready("API server", api_answers)
    node.start(components.controller_manager())
    node.start(components.scheduler())
    node.start(components.kubelet(control_group))
    node.start(components.kube_proxy())
    node.start(components.fake_nodes(sorted(layout.FAKE_NODE_STAGES.glob("*.yaml"))))
    layout.STARTED.touch()
    node.watch()


def _import(path: Path) -> tuple[subprocess.Popen[bytes], Path]:
    command = ["ctr", "--address", str(layout.CONTAINERD_SOCKET), "-n", "k8s.io", "images", "import", str(path)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL), path


def _run(*command: str) -> None:
    program = shutil.which(command[0]) or command[0]
    subprocess.run([program, *command[1:]], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
