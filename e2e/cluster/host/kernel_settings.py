"""Keeps the kubelet from changing the machine's settings: it finds them as it wants them, inside the node only.

The kubelet sets six machine-wide kernel settings. A file with the wanted value, mounted over each of them in the
node's own mount namespace, looks as if it had done so already; the machine's value never changes.
"""

import subprocess
from pathlib import Path
from typing import Final

WANTED: Final = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""What the kubelet demands (its container manager's setupKernelTunables), below /proc/sys."""

WATCHED: Final = (*WANTED, "fs/inotify/max_user_instances", "fs/inotify/max_user_watches", "fs/nr_open")
"""Machine-wide settings that must be the same after a cluster as before."""


def show_wanted(folder: Path, system: Path = Path("/proc/sys")) -> None:
    """Mount the wanted values over the machine's; to be called inside the node's mount namespace."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in WANTED.items():
        setting = system / name
        if setting.exists() and setting.read_text().strip() != value:
            shown = folder / name.replace("/", ".")
            shown.write_text(f"{value}\n")
            subprocess.run(["mount", "--bind", str(shown), str(setting)], check=True)  # noqa: S607 - as PATH says


def current(system: Path = Path("/proc/sys")) -> dict[str, str]:
    """The machine's values of the watched settings."""
    return {name: (system / name).read_text().strip() for name in WATCHED if (system / name).exists()}
