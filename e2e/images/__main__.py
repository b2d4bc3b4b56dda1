"""`python -m e2e.images`: builds both images and writes them as archives that a cluster loads."""

import argparse
import sys
from pathlib import Path

from e2e.images import architecture, engines
from e2e.images.build import build_all
from e2e.images.failure import ImageError

FOLDER = Path(".images")


def main() -> int:
    """Build what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m e2e.images", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the archives go (default: %(default)s)")
    parser.add_argument("--engine", choices=engines.NAMES, help="what builds them (default: the first that answers)")
    parser.add_argument("--base", help="an image with Python for the build stage (default: python:3.13-slim-trixie)")
    parser.add_argument("--architecture", choices=["amd64", "arm64"], default=architecture.of_this_machine())
    arguments = parser.parse_args()
    try:
        engine = arguments.engine or engines.answering()
        build_all(arguments.folder.resolve(), engine, arguments.base, arguments.architecture)
    except ImageError as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
