"""Runs a program as another person where we are root and the program refuses that."""

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path

from e2e.backends.failure import BackendError

_CANDIDATES = ("postgres", "nobody")


def other_person() -> pwd.struct_passwd | None:
    """Whom a program runs as instead of root; None where we are not root, and it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise BackendError(f"PostgreSQL does not run as root, and no user of {', '.join(_CANDIDATES)} is known. Add one")


def give(folder: Path) -> None:
    """Make a folder that is the other person's, and nobody else's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    person = other_person()
    if person is not None:
        os.chown(folder, person.pw_uid, person.pw_gid)


def as_other_person(command: Sequence[str], folder: Path, ending: str) -> list[str]:
    """The command that runs as the other person and can reach his folder, even below one that is closed to him.

    It replaces itself by the program, so that the process id stays. Changing the user makes the kernel forget that
    the process ends with its parent: `ending` is the signal that it gets then.
    """
    person = other_person()
    if person is None:
        return list(command)
    program = shutil.which("setpriv")
    if program is None:
        raise BackendError("setpriv is needed to run PostgreSQL as root. On Debian: apt-get install util-linux")
    reach = [] if _open_to_all(folder) else ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    who = ["--reuid", str(person.pw_uid), "--regid", str(person.pw_gid), "--clear-groups"]
    return [program, *who, *reach, "--pdeathsig", ending, "--", *command]


def _open_to_all(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents)
