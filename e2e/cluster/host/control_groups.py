"""The control groups of one node's pods, in every hierarchy that this machine has mounted."""

from pathlib import Path

from e2e.cluster.failure import ClusterError

ROOT = Path("/sys/fs/cgroup")
_WANTED = ("cpuset", "cpu", "memory", "pids")
_WEIGHTS = {"cpu.weight": 400, "cpu.shares": 4 * 1024}
"""The same in both versions: four times what one busy program beside the node counts for. A whole platform lives in
the group; counted as one program, it would starve on a busy machine."""


class ControlGroups:
    """A group of this name in each hierarchy; everything below it belongs to the node."""

    def __init__(self, name: str, root: Path = ROOT) -> None:
        """Name the group; nothing is made yet."""
        self.name = name
        self._root = root

    @property
    def unified(self) -> bool:
        """Whether this machine has control groups of version 2 alone."""
        return (self._root / "cgroup.controllers").exists()

    def folders(self) -> list[Path]:
        """The group's folder in each hierarchy, whether or not it exists."""
        if self.unified:
            return [self._root / self.name]
        hierarchies = [path for path in sorted(self._root.iterdir()) if path.is_dir() and not path.is_symlink()]
        return [path / self.name for path in hierarchies if (path / "cgroup.procs").exists()]

    def create(self) -> None:
        """Make the group, with the controllers that a kubelet needs."""
        if self.unified:
            there = (self._root / "cgroup.controllers").read_text().split()
            enabled = " ".join(f"+{name}" for name in _WANTED if name in there)
            (self._root / "cgroup.subtree_control").write_text(enabled)
        for folder in self.folders():
            folder.mkdir(exist_ok=True)
            for name, weight in _WEIGHTS.items():
                if (folder / name).exists():
                    (folder / name).write_text(str(weight))

    def remove(self) -> None:
        """Remove the group and everything below it; raises ClusterError while a process is in it."""
        for folder in self.folders():
            below = sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True)
            for path in [*below, folder]:
                try:
                    path.rmdir()
                except FileNotFoundError:
                    continue
                except OSError as error:
                    raise ClusterError(
                        f"the control group {path} cannot be removed ({error.strerror}): a process is still in it; its "
                        f"number is in {path}/cgroup.procs"
                    ) from None


def lacking_controllers(root: Path = ROOT) -> list[str]:
    """The controllers that a kubelet needs and this machine does not have mounted."""
    unified = root / "cgroup.controllers"
    there = unified.read_text().split() if unified.exists() else [path.name for path in root.glob("*")]
    return [name for name in _WANTED if name not in there]
