"""`python -m e2e.platform`: every role as a process of its own on the servers of `make backends`, behind one port."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from e2e.backends.__main__ import FOLDER
from e2e.backends.backends import Backends
from e2e.backends.failure import BackendError
from e2e.platform.roles_platform import RolesPlatform
from parley.cli.front import serve_front

_LOOK_EVERY_S = 1.0


def main() -> int:
    """Run until Ctrl-C; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m e2e.platform", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="the one public port (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="folder of the servers (default: %(default)s)")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if not (folder / "brokers").exists():
        print("platform: the servers do not run: start them with `make backends`", file=sys.stderr)
        return 1
    backends = Backends(folder, int((folder / "brokers").read_text()), bound=False)
    platform = RolesPlatform(folder / "roles", backends.environment())
    try:
        platform.prepare()
        print("platform: starting the roles", flush=True)
        platform.start()
        asyncio.run(_serve(platform, arguments.port))
    except BackendError as error:
        print(f"platform: {error}", file=sys.stderr)
        return 1
    finally:
        platform.stop()
    return 0


async def _serve(platform: RolesPlatform, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    front = await serve_front("127.0.0.1", port, platform.socket_servers, platform.http_servers)
    async with front:
        print(f"Parley runs at http://127.0.0.1:{front.sockets[0].getsockname()[1]}")
        print("  chat:    open it in two browser windows and sign in with two names")
        for process in platform.processes.values():
            print(f"  {process.name:<12} pid {process.pid}, probes and metrics at http://{process.address}")
        print(
            "  DEVELOPMENT MODE: everybody who reaches this port can be anybody. Ctrl-C drains and stops.", flush=True
        )
        while not stop.is_set():
            await _start_again(platform)
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await stop.wait()
            except TimeoutError:
                continue


async def _start_again(platform: RolesPlatform) -> None:
    """What has ended is started again, as Kubernetes does."""
    for process in platform.processes.values():
        if not process.alive:
            print(f"platform: {process.name} ended and is started again; its log is {process.log_path}", flush=True)
            await asyncio.to_thread(process.start)


if __name__ == "__main__":
    sys.exit(main())
