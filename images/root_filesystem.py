"""Copies what a virtual environment needs to run, and nothing else, into a root file system without a shell.

`root_filesystem.py ENVIRONMENT TARGET`, run in an image's build stage by the Python that the environment belongs to.
Taken along: the environment, its Python with the standard library, every shared library that either loads, the
certificates of public authorities, the time zones, and a user 65532. Compiled files carry the hash of their source in
place of its time, so that the same inputs give the same bytes.
"""

import compileall
import os
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

UNUSED = (
    "test",
    "idlelib",
    "tkinter",
    "turtledemo",
    "ensurepip",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "__pycache__",
)
"""Of the standard library: what no server imports."""

ALONG = ("/etc/ssl/certs/ca-certificates.crt", "/usr/share/zoneinfo", "/var/lib/dpkg/status")
"""The last one lets scanners tell which packages the libraries come from."""

ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/root:/sbin/nologin\nparley:x:65532:65532:parley:/tmp:/sbin/nologin\n",
    "etc/group": "root:x:0:\nparley:x:65532:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}


def main(environment: Path, target: Path) -> None:
    """Fill `target`, which must not exist."""
    library = Path(sysconfig.get_path("stdlib"))
    interpreter = Path(sys.executable).resolve()
    ignored = shutil.ignore_patterns(*UNUSED)
    copy(environment, target)
    shutil.copytree(library, target / library.relative_to("/"), symlinks=True, ignore=ignored, dirs_exist_ok=True)
    for path in (interpreter, *names_of(interpreter, environment)):
        copy(path, target)
    for path in map(Path, ALONG):
        if path.exists():
            copy(path, target)
    for path in list(libraries([interpreter, *environment.rglob("*.so*"), *library.rglob("*.so")])):
        copy(path, target)
    for name, text in ACCOUNTS.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text)
    (target / "tmp").mkdir(mode=0o1777)
    compile_all(target, [environment, library])


def names_of(interpreter: Path, environment: Path) -> Iterator[Path]:
    """The links by which the environment and scripts find the interpreter."""
    for link in (environment / "bin" / "python3", Path("/usr/bin/python3"), Path("/usr/local/bin/python3")):
        path = link
        while path.is_symlink():
            path = path.parent / path.readlink()
            if path.is_symlink() and path.resolve() == interpreter:
                yield path
    for path in (Path("/usr/bin/python3"), Path("/usr/local/bin/python3")):
        if path.is_symlink() and path.resolve() == interpreter:
            yield path


def libraries(files: list[Path]) -> Iterator[Path]:
    """Every shared library that these files load, and the loader; as links where they are links."""
    seen: set[Path] = set()
    for file in files:
        said = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False).stdout  # noqa: S607
        for name in re.findall(r"(?:=> |^\s+)(/\S+)", said, re.MULTILINE):
            path = Path(os.path.normpath(name))
            for found in (path, path.resolve()):
                if found not in seen:
                    seen.add(found)
                    yield found


def copy(path: Path, target: Path) -> None:
    """Copy a file, a link or a folder to its own place below `target`."""
    # /lib and /bin are links to folders in /usr: what is in them has to be where the links lead.
    place = target / (path.parent.resolve() / path.name).relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, place, symlinks=True, dirs_exist_ok=True)
    elif not place.exists() and not place.is_symlink():
        shutil.copy2(path, place, follow_symlinks=False)
    for folder in ("lib", "lib64", "bin", "sbin"):
        link = Path("/", folder)
        if link.is_symlink() and not (target / folder).is_symlink():
            (target / folder).symlink_to(link.readlink())


def compile_all(target: Path, folders: list[Path]) -> None:
    """Compile ahead, since the file system is read-only when the program runs."""
    for folder in folders:
        place = target / folder.relative_to("/")
        compileall.compile_dir(
            str(place),
            quiet=1,
            stripdir=str(target),
            prependdir="/",
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
