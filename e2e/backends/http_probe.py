"""Asks a server on this machine whether it is ready, again and again while it starts."""

from typing import Final

import httpx

# httpx.get makes a client for each call, which reads all public authorities: as much work as a starting server does
# meanwhile. Connections are not kept, so that nobody asks a process that was killed.
_CLIENT: Final = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)


def asked(url: str, timeout_s: float) -> httpx.Response:
    """The answer, whatever it says; raises httpx.HTTPError when there is none."""
    return _CLIENT.get(url, timeout=timeout_s)
