"""The OpenAPI 3.1 document, made from the table of operations and the types of the protocol."""

from typing import Any, Final

from parley.domain.errors import ERRORS
from parley.protocol.schemas import schemas_of
from parley.roles.chat.http.bodies import ChangeBody, MintedToken, TokenRequest
from parley.roles.chat.http.operations import OPERATIONS, Operation
from parley.roles.chat.http.problems import PROBLEM_TYPE, Problem

_TEMPLATE: Final = "#/components/schemas/{name}"
_TYPES: Final = {int: "integer", str: "string"}
_REFUSED: Final = {"$ref": "#/components/responses/Problem"}


def openapi_document() -> dict[str, Any]:
    """Describe every operation; the same input always gives the same document."""
    types: set[type] = {operation.answer for operation in OPERATIONS if operation.answer}
    types |= {operation.body for operation in OPERATIONS if operation.body}
    types |= {Problem, TokenRequest, MintedToken}
    components = schemas_of(types, _TEMPLATE)
    for operation in OPERATIONS:
        if operation.answer:
            _without_envelope(components[operation.answer.__name__])
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": "v1", "description": _description()},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": {"Problem": _problem()},
            "schemas": components,
        },
    }


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {str(operation.status): _answer(operation), "4XX": _REFUSED, "5XX": _REFUSED},
    }
    if operation.body:
        described["requestBody"] = {
            "required": operation.method != "DELETE",
            "content": {"application/json": {"schema": {"$ref": _TEMPLATE.format(name=operation.body.__name__)}}},
        }
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if name == "seq" else "string"},
        }
        for name in names
    ]
    parameters += [
        {"name": name, "in": "query", "required": False, "schema": {"type": _TYPES[kind]}}
        for name, kind in operation.query.items()
    ]
    if operation.body is not None and issubclass(operation.body, ChangeBody):
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The client_msg_id, where the body has none",
                "schema": {"type": "string", "maxLength": 64},
            }
        )
    return parameters


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.answer is None:
        return {"description": "Done"}
    schema = {"$ref": _TEMPLATE.format(name=operation.answer.__name__)}
    return {
        "description": "Durable, and about to get its place in the order" if operation.status == 202 else "The answer",  # noqa: PLR2004 - accepted
        "content": {"application/json": {"schema": schema}},
    }


def _problem() -> dict[str, Any]:
    return {
        "description": "A refusal; `code` is stable",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": _TEMPLATE.format(name=Problem.__name__)}}},
    }


def _without_envelope(schema: dict[str, Any]) -> None:
    """Over HTTP an answer has neither the type nor the id that it has on the socket."""
    for name in ("type", "id"):
        schema.get("properties", {}).pop(name, None)
        if name in schema.get("required", []):
            schema["required"].remove(name)


def _description() -> str:
    codes = ", ".join(code.value for code in ERRORS)
    return (
        "Chat for servers and bots. Changes are answered with 202 once they are durable; their place in the order "
        f"arrives on the socket and in the history. Codes of refusals: {codes}."
    )
