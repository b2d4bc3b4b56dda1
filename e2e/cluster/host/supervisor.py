"""Runs the node in namespaces of its own and carries connections in and out; the node ends with this process.

`python -m e2e.cluster.host.supervisor FOLDER CONTROL_GROUP`. However it ends, by a signal or by SIGKILL, the kernel
ends the node and takes everything of it away, but for empty control groups, which the next `up` or `down` removes.
"""

import asyncio
import ctypes
import functools
import os
import signal
import socket
import sys
from pathlib import Path

from e2e.backends.process_id import remember
from e2e.cluster.host import node_layout as layout
from e2e.cluster.host.network_namespace import NetworkNamespace, listening_socket
from e2e.cluster.host.ports import OUTWARD_PORTS, NodePorts
from e2e.cluster.host.relay import serve_relay

NODE_PID = "node-pid"
"""The file with the node's first process, which ends last of all in its namespaces."""
_PARENT_DEATH_SIGNAL = 1
_UNSHARE = ("unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child=SIGKILL", "--mount-proc")


async def supervise(folder: Path, control_group: str) -> int:
    """Run the node until it ends or somebody asks for its end; returns an exit code."""
    ports = NodePorts(folder)
    listeners = {port: listening_socket("127.0.0.1", port) for port in ports.inward()}
    node = await asyncio.create_subprocess_exec(
        *_UNSHARE, sys.executable, "-m", "e2e.cluster.host.node", str(folder), control_group,
        stdin=asyncio.subprocess.DEVNULL, preexec_fn=_end_with_parent,
    )  # fmt: skip
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    ended = asyncio.create_task(node.wait())
    serving = asyncio.create_task(_serve(folder, node.pid, listeners))
    waits = [ended, serving, asyncio.create_task(asked.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        node.kill()
    await ended
    if serving.done() and not serving.cancelled() and serving.exception() is not None:
        print(f"supervisor: {serving.exception()}", flush=True)
        return 1
    return 0 if asked.is_set() else 1


async def _serve(folder: Path, unshare: int, listeners: dict[int, socket.socket]) -> None:
    isolated = layout.outside(folder, layout.ISOLATED)
    while not isolated.exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.02)
    node = _only_child(unshare)
    remember(node, folder / NODE_PID)
    ports = NodePorts(folder)
    with NetworkNamespace(node) as inside:
        async with asyncio.TaskGroup() as relays:
            for local, port in ports.inward().items():
                connect = functools.partial(inside.connected, layout.ADDRESS, port)
                relays.create_task(serve_relay(listeners[local], connect))
            for name, port in OUTWARD_PORTS.items():
                listener = inside.listening(layout.ADDRESS, port)
                relays.create_task(serve_relay(listener, functools.partial(_connect_outside, ports, name)))


async def _connect_outside(ports: NodePorts, name: str) -> socket.socket:
    port = ports.outward().get(name)
    if port is None:
        raise ConnectionRefusedError(f"no {name} is there for the cluster's pods")
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    except BaseException:
        made.close()
        raise
    return made


def _only_child(pid: int) -> int:
    """The one process that `pid` started, in the numbers of the machine: unshare starts the node's first process."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def _end_with_parent() -> None:
    """Let the kernel kill unshare with us; unshare's own option then kills the node."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(asyncio.run(supervise(Path(sys.argv[1]), sys.argv[2])))
