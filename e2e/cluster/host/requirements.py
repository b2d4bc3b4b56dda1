"""What a machine needs so that a node can run on it."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from e2e.cluster.host import control_groups, go_programs
from e2e.cluster.host import node_layout as layout

PACKAGES = "containerd runc containernetworking-plugins nftables iproute2 util-linux"
_PROGRAMS = ("containerd", "ctr", "runc", "nft", "ip", "unshare", "nsenter", "mount")
_PLUGINS = ("ptp", "host-local", "loopback")
_PLUGIN_FOLDER = Path("/usr/lib/cni")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_HIDDEN = (Path("/run"), *(path for path in layout.SHOWN.values() if path != Path("/tmp")))  # noqa: S108 - as below


def lacking(folder: Path) -> list[str]:
    """Everything that is missing for a node whose files are in `folder`, each with the way out."""
    if platform.system() != "Linux":
        return [f"this is {platform.system()}, and a node needs Linux: take kind"]
    if os.geteuid() != 0:
        return ["only root may make a node's namespaces and mounts: run it as root, or take kind"]
    return [*_programs(), *_go(), *_control_groups(), *_folder(folder), *_kernel()]


def _programs() -> Iterator[str]:
    missing = [name for name in _PROGRAMS if shutil.which(name) is None and shutil.which(name, path=_PATH) is None]
    missing += [str(_PLUGIN_FOLDER / name) for name in _PLUGINS if not (_PLUGIN_FOLDER / name).exists()]
    if missing:
        yield f"{', '.join(missing)} are not installed. On Debian: apt-get install {PACKAGES}"


def _go() -> Iterator[str]:
    unbuilt = go_programs.missing()
    if unbuilt and go_programs.go_version() is None:
        needed = ".".join(map(str, go_programs.NEEDED_GO))
        yield f"Go {needed} or newer is needed once, to build {', '.join(unbuilt)}: install it from https://go.dev/dl"


def _control_groups() -> Iterator[str]:
    missing = control_groups.lacking_controllers()
    if missing:
        yield f"the control group controllers {', '.join(missing)} are not mounted below {control_groups.ROOT}"


def _folder(folder: Path) -> Iterator[str]:
    hidden = [path for path in _HIDDEN if folder.is_relative_to(path)]
    if hidden:
        yield f"the cluster's folder {folder} is below {hidden[0]}, which a node hides from itself: choose another"
    existing = next(path for path in [folder, *folder.parents] if path.exists())
    if _file_system(existing) == "overlay":
        yield f"{existing} is on overlayfs, on which containers cannot have theirs: choose a folder on a disk"


def _kernel() -> Iterator[str]:
    namespaces = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--mount-proc"]
    if shutil.which("unshare") is None or shutil.which("nft", path=_PATH) is None:
        return
    if not _succeeds([*namespaces, "true"]):
        yield "the kernel or a sandbox does not allow new namespaces: a container needs to be privileged for it"
    elif not _succeeds(["unshare", "--net", shutil.which("nft", path=_PATH) or "nft", "add", "table", "ip", "check"]):
        yield "the kernel has no nftables: load its module nf_tables"
    if "overlay" not in Path("/proc/filesystems").read_text().split() and not _succeeds(["modprobe", "overlay"]):
        yield "the kernel has no overlayfs: load its module overlay"


def _file_system(path: Path) -> str:
    done = subprocess.run(
        ["stat", "--file-system", "--format=%T", str(path)],  # noqa: S607 - as PATH says
        capture_output=True,
        text=True,
        check=False,
    )
    return "overlay" if done.stdout.strip() == "overlayfs" else done.stdout.strip()


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
