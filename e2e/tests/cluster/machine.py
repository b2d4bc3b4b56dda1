"""What a machine looks like from outside, so that before and after can be compared."""

import subprocess
from dataclasses import dataclass, fields
from pathlib import Path

from e2e.cluster.host import kernel_settings
from e2e.cluster.host.control_groups import ROOT, ControlGroups

PLACES = ("/etc", "/etc/cni", "/opt", "/usr/libexec", "/var/lib", "/var/log")
STRAYS = ("/tmp/hostpath_pv", "/run/containerd", "/run/netns", "/run/xtables.lock")  # noqa: S108 - only looked at
"""Where components of Kubernetes are used to leaving something."""

PROGRAMS = ("kube", "etcd", "containerd", "coredns", "metrics-server", "kwok", "pause")


@dataclass(frozen=True)
class Machine:
    """Everything that a node could change outside itself."""

    processes: frozenset[str]
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
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    listed = {str(path) for place in PLACES for path in Path(place).iterdir() if Path(place).is_dir()}
    return Machine(
        processes=frozenset(_processes()),
        mounts=frozenset(line.split(" - ")[0].split()[4] for line in mounts),
        links=frozenset(_said("ip", "-oneline", "link").splitlines()),
        rules=frozenset(_said("nft", "list", "ruleset").splitlines()),
        control_groups=frozenset(str(path) for path in ROOT.rglob("*parley*") if path.is_dir()),
        settings=frozenset(f"{name} = {value}" for name, value in kernel_settings.current().items()),
        files=frozenset(listed | {path for path in STRAYS if Path(path).exists()}),
    )


def processes_of(groups: ControlGroups) -> list[int]:
    """Processes in a node's control groups."""
    files = [file for folder in groups.folders() if folder.exists() for file in folder.rglob("cgroup.procs")]
    return [int(pid) for file in files for pid in file.read_text().split()]


def _processes() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().split(b"\0")[0].decode(errors="replace")
        except OSError:
            continue
        name = Path(command).name
        if name.startswith(PROGRAMS):
            found.append(f"{name} ({path.parent.name})")
    return found


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
