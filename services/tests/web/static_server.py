"""A small server for modules that are tested in a browser without the platform."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from typing_extensions import override

WEB = Path(__file__).resolve().parents[2] / "src" / "parley" / "web"
VECTORS = Path(__file__).resolve().parents[1] / "vectors"
TYPES = {".js": "text/javascript", ".json": "application/json", ".html": "text/html"}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        folder, path = (VECTORS, self.path[9:]) if self.path.startswith("/vectors/") else (WEB, self.path[1:])
        file = folder / path
        body = b"<!doctype html><title>vectors</title>" if self.path == "/" else file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", TYPES.get(file.suffix, "text/html"))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a missing file fails the test anyway."""


@contextmanager
def serve_static() -> Iterator[str]:
    """Serve the web client's modules, and the vectors under /vectors/; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
