"""Sockets that servers listen on, opened by us, so that a port that is taken is an error like any other."""

import os
import socket

from parley.contract import ENVIRONMENT_PREFIX
from parley.domain.errors import ErrorCode, ParleyError

_BACKLOG = 1024


def listening_socket(host: str, port: int, field: str) -> socket.socket:
    """Listen on an address; raises ParleyError UNAVAILABLE that names the setting `field` it came from."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        text = (
            f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}. End whoever listens there, or set "
            f"{ENVIRONMENT_PREFIX}{field.upper()}; 0 takes a free port"
        )
        raise ParleyError(ErrorCode.UNAVAILABLE, text, field=field) from None
    return listening
