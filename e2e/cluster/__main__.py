"""`python -m e2e.cluster up|down|status|info|logs|load|backends|build`: the cluster as a developer uses it."""

import argparse
import sys
from pathlib import Path

from e2e.backends.failure import BackendError
from e2e.cluster.backends.backends import backends_up, to_json
from e2e.cluster.choice import AUTO
from e2e.cluster.failure import ClusterError
from e2e.cluster.host import go_programs
from e2e.cluster.host.host_provider import HostProvider
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Provider
from e2e.cluster.providers import NAMES, open_cluster, take_provider

FOLDER = Path(".cluster")


def main() -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m e2e.cluster", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "info", "logs", "load", "backends", "build"])
    parser.add_argument("arguments", nargs="*", type=Path, help="load: archives of images; logs: the folder for them")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where its files are (default: %(default)s)")
    parser.add_argument("--provider", choices=[AUTO, *NAMES], default=AUTO, help="up: which to take (default: auto)")
    arguments = parser.parse_args()
    try:
        return _run(arguments.command, arguments.arguments, arguments.folder.resolve(), arguments.provider)
    except (ClusterError, BackendError) as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1


def _run(command: str, paths: list[Path], folder: Path, asked: str) -> int:
    if command == "build":
        return _build(folder)
    if command == "up":
        provider = take_provider(folder, asked)
        provider.up(_tell)
        return _status(provider)
    if command == "down" and not folder.exists():
        print(f"cluster: nothing to end: {folder} does not exist")
        return 0
    provider = open_cluster(folder)
    match command:
        case "down":
            provider.down()
            print(f"cluster: ended, and {folder} is removed")
        case "status":
            return _status(provider)
        case "info":
            print(provider.info().to_json())
        case "backends":
            print(to_json(backends_up(provider.info(), folder, _tell)))
        case "load":
            return _load(provider, paths)
        case _:
            target = paths[0] if paths else Path("cluster-logs")
            provider.logs(target.resolve())
            print(f"cluster: its logs are in {target}")
    return 0


def _build(folder: Path) -> int:
    """Build what a node of this host runs, so that it need not be waited for later."""
    missing = HostProvider(folder).lacking()
    if missing:
        raise ClusterError("a node cannot run here:" + "".join(f"\n  - {text}" for text in missing))
    for program in go_programs.PROGRAMS:
        go_programs.built(program, _tell)
    return 0


def _tell(text: str) -> None:
    print(f"cluster: {text}", flush=True)


def _load(provider: Provider, archives: list[Path]) -> int:
    if not archives:
        raise ClusterError("load needs the archives of images that it shall load, such as .images/*.tar")
    for archive in archives:
        if not archive.is_file():
            raise ClusterError(f"{archive} is no file. Build the images first: make images")
        provider.load(archive.resolve())
        print(f"cluster: {archive} is loaded")
    return 0


def _status(provider: Provider) -> int:
    info = provider.info()
    kubectl = Kubectl(info.programs["kubectl"], Path(info.kubeconfig), info.context)
    print(kubectl("get", "nodes", "--output=wide").rstrip())
    print(kubectl("get", "pods", "--all-namespaces").rstrip())
    ports = ", ".join(f"{port} at 127.0.0.1:{local}" for port, local in info.node_ports.items())
    print(f"\nNodePorts: {ports or 'none'}\nexport KUBECONFIG={info.kubeconfig}")
    print(f'export PATH="{Path(info.programs["kubectl"]).parent}:$PATH"')
    return 0


if __name__ == "__main__":
    sys.exit(main())
