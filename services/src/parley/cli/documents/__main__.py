"""`python -m parley.cli.documents [--check]`: writes the generated pages of docs/, or tells which are out of step."""

import json
import sys
from pathlib import Path
from typing import Any

from parley.cli.documents.api_pages import http_page, socket_page
from parley.cli.documents.asyncapi import asyncapi_document
from parley.cli.documents.tables import close_codes_page, errors_page, metrics_page, settings_page
from parley.roles.chat.http.openapi import openapi_document


def pages() -> dict[str, str]:
    """Every generated page by its path below docs/."""
    return {
        "api/openapi.json": _json(openapi_document()),
        "api/asyncapi.json": _json(asyncapi_document()),
        "reference/http-api.md": http_page(openapi_document()),
        "reference/socket.md": socket_page(asyncapi_document()),
        "errors.md": errors_page(),
        "close-codes.md": close_codes_page(),
        "settings.md": settings_page(),
        "metrics.md": metrics_page(),
    }


def differing(folder: Path) -> list[str]:
    """Paths of pages that are not as the code says."""
    return [name for name, text in pages().items() if not _reads(folder / name, text)]


def main(arguments: list[str]) -> int:
    """Write the pages into ./docs, or check them."""
    folder = Path("docs")
    if arguments == ["--check"]:
        wrong = differing(folder)
        for name in wrong:
            sys.stderr.write(f"docs/{name} is out of step with the code; run `make docs`\n")
        return 1 if wrong else 0
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def _reads(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
