"""What a machine looks like from outside, so that before and after can be compared."""

import contextlib
import subprocess
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

from e2e.cluster.host import kernel_settings
from e2e.cluster.host.control_groups import ROOT

PLACES = ("/etc", "/etc/cni", "/opt", "/usr/libexec", "/var/lib", "/var/log")
STRAYS = ("/tmp/hostpath_pv", "/run/containerd", "/run/netns", "/run/xtables.lock")  # noqa: S108 - only looked at
"""Where components of Kubernetes are used to leaving something."""


@dataclass(frozen=True)
class Machine:
    """Everything but processes that a node could leave outside itself."""

    mounts: frozenset[str]
    links: frozenset[str]
    rules: frozenset[str]
    control_groups: frozenset[str]
    settings: frozenset[str]
    files: frozenset[str]

    def since(self, before: "Machine") -> dict[str, list[str]]:
        """What is here now and was not before, of each kind; what ended meanwhile is nobody's trace."""
        new = {field.name: sorted(getattr(self, field.name) - getattr(before, field.name)) for field in fields(self)}
        return {name: found for name, found in new.items() if found}


def look() -> Machine:
    """The machine now."""
    # Other tests that run meanwhile mount small disks into folders of theirs.
    places = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    listed = {str(path) for place in PLACES for path in Path(place).iterdir() if Path(place).is_dir()}
    return Machine(
        mounts=frozenset(place for place in places if not place.startswith(tempfile.gettempdir() + "/pytest")),
        links=frozenset(_said("ip", "-oneline", "link").splitlines()),
        rules=frozenset(_said("nft", "list", "ruleset").splitlines()),
        control_groups=frozenset(str(path) for path in ROOT.rglob("*parley*") if path.is_dir()),
        settings=frozenset(f"{name} = {value}" for name, value in kernel_settings.current().items()),
        files=frozenset(listed | {path for path in STRAYS if Path(path).exists()}),
    )


def namespaces_of(pid: int) -> frozenset[str]:
    """The namespaces that a node's first process does not share with this one."""
    own, its = _namespaces("self"), _namespaces(str(pid))
    return its - own


def processes_in(namespaces: frozenset[str]) -> list[str]:
    """The processes that are in any of these namespaces; one whose exit nobody has asked for yet is none."""
    pids = [path.name for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if _namespaces(pid) & namespaces and _state(pid) not in {"Z", "X", ""}]


def _state(pid: str) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    return ""


def _namespaces(pid: str) -> frozenset[str]:
    found = set()
    for kind in ("pid", "mnt", "net"):
        with contextlib.suppress(OSError):
            found.add(str(Path(f"/proc/{pid}/ns/{kind}").readlink()))
    return frozenset(found)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
