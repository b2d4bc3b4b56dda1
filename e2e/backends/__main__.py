"""`python -m e2e.backends up|down|status|logs|env`: the servers as a developer uses them."""

import argparse
import shutil
import sys
from pathlib import Path

from e2e.backends.backends import Backends
from e2e.backends.failure import BackendError

FOLDER = Path(".backends")


def main() -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m e2e.backends", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "logs", "env"])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where data and logs are (default: %(default)s)")
    parser.add_argument("--brokers", type=int, choices=[1, 3], help="brokers of Kafka (default: 1, or as before)")
    parser.add_argument("--keep", action="store_true", help="down: keep the data")
    arguments = parser.parse_args()
    try:
        return _run(arguments.command, arguments.folder.resolve(), arguments.brokers, keep=arguments.keep)
    except BackendError as error:
        print(f"backends: {error}", file=sys.stderr)
        return 1


def _run(command: str, folder: Path, brokers: int | None, *, keep: bool) -> int:
    if command == "down" and not folder.exists():
        print(f"backends: nothing to end: {folder} does not exist")
        return 0
    backends = Backends(folder, _brokers(folder, brokers), bound=False)
    match command:
        case "up":
            (folder / "brokers").write_text(str(backends.brokers))
            backends.up(lambda text: print(f"backends: {text}", flush=True))
            return _status(backends)
        case "down":
            backends.down()
            if not keep:
                shutil.rmtree(folder, ignore_errors=True)
            print(f"backends: ended{'' if keep else f', and {folder} is removed'}")
            return 0
        case "status":
            return _status(backends)
        case "env":
            for name, value in backends.environment().items():
                print(f"export {name}={value}")
            return 0
        case _:
            for process in backends.processes:
                print(f"== {process.name} ({process.log_path})\n{process.log_tail()}")
            return 0


def _brokers(folder: Path, asked: int | None) -> int:
    known = folder / "brokers"
    folder.mkdir(parents=True, exist_ok=True)
    if known.exists() and asked not in {None, int(known.read_text())}:
        raise BackendError(
            f"{folder} was made with {known.read_text()} brokers: `down` first, or name another --folder"
        )
    return int(known.read_text()) if known.exists() else asked or 1


def _status(backends: Backends) -> int:
    running = True
    for process in backends.processes:
        state = f"runs (pid {process.pid})" if process.alive else "does not run: `up` starts it"
        running = running and process.alive
        print(f"{process.name:<10} {process.address:<16} {state}")
    return 0 if running else 1


if __name__ == "__main__":
    sys.exit(main())
