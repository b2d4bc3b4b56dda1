"""`python -m e2e.installation up|down`: a cluster, Kafka, CQL and Redis, the chart, and the example ChatCluster."""

import argparse
import asyncio
import sys
from pathlib import Path

from e2e.backends.failure import BackendError
from e2e.cluster.backends.backends import backends_up
from e2e.cluster.choice import AUTO
from e2e.cluster.failure import ClusterError
from e2e.cluster.provider import Info
from e2e.cluster.providers import NAMES, open_cluster, take_provider
from e2e.images.failure import ImageError
from e2e.installation.built_images import load_images
from e2e.installation.first_message import EXAMPLE_KEY, first_message, sockets_at
from e2e.installation.install import Installation
from parley.domain.errors import ParleyError

CLUSTER = Path(".cluster")
IMAGES = Path(".images")


def main() -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m e2e.installation", description=__doc__)
    parser.add_argument("command", choices=["up", "down"])
    parser.add_argument("--folder", type=Path, default=CLUSTER, help="the cluster's files (default: %(default)s)")
    parser.add_argument("--images", type=Path, default=IMAGES, help="the images' archives (default: %(default)s)")
    parser.add_argument("--provider", choices=[AUTO, *NAMES], default=AUTO, help="which cluster (default: auto)")
    arguments = parser.parse_args()
    try:
        if arguments.command == "up":
            _up(arguments.folder.resolve(), arguments.images.resolve(), arguments.provider)
        else:
            _down(arguments.folder.resolve())
    except (ClusterError, BackendError, ImageError, ParleyError) as error:
        print(f"{arguments.command}: {error}", file=sys.stderr)
        return 1
    return 0


def _up(folder: Path, images: Path, asked: str) -> None:
    _tell("1 of 6: a cluster")
    provider = take_provider(folder, asked)
    provider.up(_tell)
    _tell("2 of 6: the images of the services and of the operator")
    load_images(provider, folder, images, _tell)
    info = provider.info()
    _tell("3 of 6: Kafka, a message store and Redis")
    backends_up(info, folder, _tell)
    installation = Installation(info)
    _tell("4 of 6: the chart, which brings the operator")
    installation.install_chart(_tell)
    _tell("5 of 6: the ChatCluster of examples/chatcluster.yaml")
    installation.apply_example(_tell)
    _tell("6 of 6: a first message, from one socket to another")
    _tell(asyncio.run(first_message(sockets_at(info))))
    print(_next(info, installation))


def _next(info: Info, installation: Installation) -> str:
    kubectl = Path(info.programs["kubectl"]).parent
    api = info.node_ports[30081]
    return f"""
{installation.shown()}
Sockets            {sockets_at(info)}
HTTP API           http://127.0.0.1:{api}/docs
A token for ann    PARLEY_JWT_SECRET={EXAMPLE_KEY} .venv/bin/parley token ann
kubectl for it     export KUBECONFIG={info.kubeconfig} PATH="{kubectl}:$PATH"
Take it down       make down"""


def _down(folder: Path) -> None:
    if not folder.exists():
        print(f"down: nothing to end: {folder} does not exist")
        return
    open_cluster(folder).down()
    print(f"down: ended, and {folder} is removed with everything that was in the cluster")


def _tell(text: str) -> None:
    print(f"up: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
