"""A zip file that is there only when it is complete, with what was left out of it and why."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import yaml

from parley_operator.cli.support.masking import masked, masked_text

_MODE: Final = 0o600
_HEAD: Final = (
    "What this report does not contain, and why.",
    "",
    "Secrets are never read. Copies of earlier specs (kubectl.kubernetes.io/last-applied-configuration), values of",
    "variables whose name contains PASSWORD, SECRET, TOKEN or KEY (unless it ends with _FILE), users in URLs, and",
    "tokens in logs are taken out; the places follow.",
    "",
)


class Bundle:
    """Files for a zip; everything that is added is masked."""

    def __init__(self, target: Path) -> None:
        """Write next to `target`, and take its name at the end."""
        self._target = target
        self._partial = target.with_name(f".{target.name}.partial")
        self._left_out: list[str] = []
        self.files = 0

    def __enter__(self) -> Self:
        self._partial.unlink(missing_ok=True)
        descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        self._stream = os.fdopen(descriptor, "wb")
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None:
            lines = [*_HEAD, *(self._left_out or ["Nothing else was left out."])]
            self._write("left-out.txt", "\n".join((*lines, "")))
        self._zip.close()
        self._stream.close()
        if kind is None:
            self._partial.replace(self._target)
        else:
            self._partial.unlink(missing_ok=True)

    @property
    def left_out(self) -> int:
        """How many things are missing."""
        return len(self._left_out)

    def leave_out(self, what: str, why: str) -> None:
        """Note that something is missing."""
        self._left_out.append(f"{what}: {' '.join(why.split())}")

    def add_object(self, name: str, body: Mapping[str, Any]) -> None:
        """An object, or anything else with fields, as YAML."""
        shown = masked(body, lambda place: self.leave_out(name, f"{place} is hidden"))
        self._write(name, yaml.safe_dump(shown, sort_keys=False, width=120, allow_unicode=True))

    def add_text(self, name: str, text: str) -> None:
        """A log, or another text."""
        shown = masked_text(text)
        if shown != text:
            self.leave_out(name, "users in URLs or tokens are hidden")
        self._write(name, shown)

    def _write(self, name: str, text: str) -> None:
        self._zip.writestr(name, text)
        self.files += 1
