"""Pages of the HTTP API and of the socket, from the OpenAPI and the AsyncAPI document."""

from typing import Any, Final

from parley.cli.documents.schema_tables import anchor, fields_table, name_of, names_in, prose, reached, type_text
from parley.contract import SOCKET_PATH, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK

_PLAIN: Final = "The answer"
_MADE: Final = "<!-- Made by `make docs`; change the code instead. -->\n"
_HTTP: Final = """# The HTTP API

For servers and bots, on the port of `chat`. Every request carries a token as `Authorization: Bearer TOKEN`; see
[security](../security.md). Changes are answered with 202 once they are durable; their place in the order arrives on the
socket and in the history. A refusal is `application/problem+json` with a stable `code`: [errors](../errors.md).

The same as a document for programs: [openapi.json](../api/openapi.json).
"""
_SOCKET: Final = f"""# The socket

One WebSocket at `{SOCKET_PATH}`, with the subprotocol `{SUBPROTOCOL_JSON}` (text) or `{SUBPROTOCOL_MSGPACK}` (binary).
Every frame names itself by `type`; `id` ties an answer to its request. Unknown fields are ignored. 64-bit numbers are
strings. The first frame is [`hello`](#hello). [Close codes](../close-codes.md) tell what to do when it ends,
[errors](../errors.md) what a refusal means, and [concepts](../concepts.md) what `seq`, cursors and receipts are.

The same as a document for programs: [asyncapi.json](../api/asyncapi.json).
"""


def http_page(document: dict[str, Any]) -> str:
    """Every operation by path, then every type that they use."""
    schemas = document["components"]["schemas"]
    parts = [_MADE + _HTTP]
    for path, operations in document["paths"].items():
        parts += [_operation(method.upper(), path, operation) for method, operation in operations.items()]
    used = reached({*names_in(document["paths"]), *names_in(document["components"]["responses"])}, schemas)
    return "\n".join([*parts, _types(used, schemas)])


def socket_page(document: dict[str, Any]) -> str:
    """Frames of the client, frames of the server, then the types in them."""
    components = document["components"]
    parts = [_MADE + _SOCKET]
    for title, side in (("Frames from the client", "client"), ("Frames from the server", "server")):
        parts.append(f"## {title}\n")
        messages = {name: part for name, part in components["messages"].items() if name.startswith(f"{side}.")}
        for name, message in sorted(messages.items(), key=lambda pair: str(pair[1]["name"])):
            parts.append(_named(message["name"], components["schemas"][name]))
    frames = set(components["messages"])
    inner = {_bare(name): part for name, part in components["schemas"].items() if name not in frames}
    return "\n".join([*parts, _types(sorted(inner), inner)])


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    lines = [f"## {operation['summary']}", "", f"`{method} {path}`", ""]
    parameters = operation.get("parameters", ())
    if parameters:
        lines += ["| parameter | in | type | needed | what it is |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| `{each['name']}` | {each['in']} | {type_text(each['schema'], _linked)}"
            f" | {'yes' if each.get('required') else 'no'} | {each.get('description', '-')} |"
            for each in parameters
        ]
        lines.append("")
    body = operation.get("requestBody")
    if body:
        lines += [f"Body: {_content(body)}", ""]
    for status, answer in operation["responses"].items():
        if "$ref" not in answer:
            what = "" if answer["description"] == _PLAIN else f": {answer['description'].lower()}"
            lines += [f"Answer {status}{what}: {_content(answer)}", ""]
    return "\n".join(lines)


def _content(part: dict[str, Any]) -> str:
    schemas = [content["schema"] for content in part.get("content", {}).values()]
    return ", ".join(type_text(schema, _linked) for schema in schemas) or "nothing"


def _types(names: list[str], schemas: dict[str, Any]) -> str:
    return "\n".join(["## Types\n", *(_named(name, schemas[name]) for name in names)])


def _named(name: str, schema: dict[str, Any]) -> str:
    return "\n".join([f"### {name}", "", prose(schema.get("description", "")), "", fields_table(schema, _linked)])


def _linked(name: str) -> str:
    return f"[{_bare(name)}](#{anchor(_bare(name))})"


def _bare(name: str) -> str:
    """Types of both sides that share a name are the same."""
    return name_of(name).rpartition(".")[2]
