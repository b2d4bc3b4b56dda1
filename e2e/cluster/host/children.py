"""From the supervisor to unshare, and from unshare to the node's first process."""

from pathlib import Path

from e2e.cluster.failure import ClusterError


def only_child(pid: int | None) -> int:
    """The one process that `pid` started, in the numbers of the machine; raises ClusterError when it is gone."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if pid else []
    except FileNotFoundError:
        children = []
    if len(children) != 1:
        raise ClusterError("the node is not there any more. Start it again: make cluster")
    return int(children[0])
