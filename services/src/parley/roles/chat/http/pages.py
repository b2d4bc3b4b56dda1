"""The web client and the API's page: static files under a policy that lets nothing else in."""

import hashlib
import mimetypes
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_TYPES: Final = {".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}


@dataclass(frozen=True, slots=True)
class Page:
    """A file as it is served; the tag lets a browser keep it until it changes."""

    body: bytes
    media_type: str
    tag: str

    def response(self, request: Request) -> Response:
        """The file, or 304 when the browser has it."""
        headers = {**_HEADERS, "ETag": self.tag}
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(self.body, headers=headers, media_type=self.media_type)


def load_pages() -> dict[str, Page]:
    """Read the web client once, by path; it is part of the installed package."""
    pages: dict[str, Page] = {}
    _collect(files("parley").joinpath("web"), "", pages)
    if "/index.html" in pages:
        pages["/"] = pages["/index.html"]
    if "/docs/index.html" in pages:
        pages["/docs"] = pages["/docs/index.html"]
    return pages


def _collect(folder: Traversable, path: str, pages: dict[str, Page]) -> None:
    if not folder.is_dir():
        return
    for item in folder.iterdir():
        if item.is_dir():
            _collect(item, f"{path}/{item.name}", pages)
        elif not item.name.endswith((".md", ".py")):
            pages[f"{path}/{item.name}"] = page_of(item.name, item.read_bytes())


def page_of(name: str, body: bytes) -> Page:
    """Make a page of a file's content."""
    suffix = name[name.rfind(".") :]
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Page(body, media_type, f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')
