"""The AsyncAPI 3 document of the socket, made from the types of the frames."""

import inspect
from typing import Any, Final, get_args

import msgspec

from parley.contract import SOCKET_PATH, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from parley.protocol.client_frames import AnyClientFrame
from parley.protocol.errors import CLOSES
from parley.protocol.schemas import schemas_of
from parley.protocol.server_frames import AnyServerFrame

_TEMPLATE: Final = "#/components/schemas/{name}"
_CHANNEL: Final = "socket"


def asyncapi_document() -> dict[str, Any]:
    """Describe the socket: one channel, one operation per direction, one message per frame type."""
    sides = {"client": get_args(AnyClientFrame), "server": get_args(AnyServerFrame)}
    names = {kind: f"{side}.{kind.__name__}" for side, kinds in sides.items() for kind in kinds}
    schemas: dict[str, Any] = {}
    for side, kinds in sides.items():
        parts = schemas_of(kinds, f"#/components/schemas/{side}.{{name}}")
        schemas |= {f"{side}.{name}": part for name, part in parts.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Parley", "version": "v1", "description": _description()},
        "channels": {
            _CHANNEL: {
                "address": SOCKET_PATH,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(names.values())},
            }
        },
        "operations": {
            "fromClient": _operation("receive", [names[kind] for kind in sides["client"]]),
            "fromServer": _operation("send", [names[kind] for kind in sides["server"]]),
        },
        "components": {
            "messages": {name: _message(kind, name) for kind, name in sorted(names.items(), key=lambda pair: pair[1])},
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{_CHANNEL}"},
        "messages": [{"$ref": f"#/channels/{_CHANNEL}/messages/{name}"} for name in sorted(names)],
    }


def _message(kind: type[msgspec.Struct], name: str) -> dict[str, Any]:
    return {
        "name": str(kind.__struct_config__.tag),
        "summary": (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " "),
        "payload": {"$ref": _TEMPLATE.format(name=name)},
    }


def _description() -> str:
    closes = "; ".join(f"{int(code)}: {kind.meaning}" for code, kind in CLOSES.items())
    return (
        f"One WebSocket, with the subprotocol {SUBPROTOCOL_JSON} (text) or {SUBPROTOCOL_MSGPACK} (binary). `type` "
        "names the frame and `id` correlates a request with its answer; unknown fields are ignored. 64-bit numbers "
        f"are strings. Close codes: {closes}"
    )
