"""The generated pages of the documentation are in step with the code."""

import json
from pathlib import Path

from parley.cli.documents.__main__ import differing, pages
from parley.domain.errors import ErrorCode
from parley.protocol.client_frames import AnyClientFrame
from parley.protocol.server_frames import AnyServerFrame
from parley.roles.chat.http.operations import OPERATIONS

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_committed_pages_are_what_the_code_says() -> None:
    assert differing(DOCS) == [], "run `make docs`"


def test_every_operation_and_every_frame_is_described() -> None:
    openapi = json.loads(pages()["api/openapi.json"])
    described = {part["operationId"] for path in openapi["paths"].values() for part in path.values()}
    assert described == {operation.name for operation in OPERATIONS}
    asyncapi = json.loads(pages()["api/asyncapi.json"])
    frames = len(AnyClientFrame.__args__) + len(AnyServerFrame.__args__)
    assert len(asyncapi["components"]["messages"]) == frames


def test_every_reference_of_the_documents_leads_somewhere() -> None:
    for name in ("api/openapi.json", "api/asyncapi.json"):
        document = json.loads(pages()[name])
        for reference in references(document):
            target = document
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]


def references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for value in part.values() for found in references(value)]
    if isinstance(part, list):
        return [found for value in part for found in references(value)]
    return []


def test_every_error_code_is_in_the_table() -> None:
    table = pages()["errors.md"]
    assert all(f"`{code}`" in table for code in ErrorCode)


def test_a_missing_page_is_reported_by_name(tmp_path: Path) -> None:
    assert set(differing(tmp_path)) == set(pages())
