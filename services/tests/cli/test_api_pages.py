"""The pages of the API say everything that the documents for programs say, and their links lead somewhere."""

import re

import pytest

from parley.cli.documents.__main__ import pages
from parley.cli.documents.asyncapi import asyncapi_document
from parley.cli.documents.schema_tables import anchor
from parley.roles.chat.http.openapi import openapi_document

PAGES = ("reference/http-api.md", "reference/socket.md")


@pytest.mark.parametrize("name", PAGES)
def test_every_link_within_a_page_leads_to_a_heading(name: str) -> None:
    page = pages()[name]
    headings = {anchor(text) for text in re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)}
    links = set(re.findall(r"\]\(#([^)]*)\)", page))
    assert links
    assert links <= headings


def test_every_operation_has_its_method_path_body_and_answer() -> None:
    page = pages()["reference/http-api.md"]
    for path, operations in openapi_document()["paths"].items():
        for method, operation in operations.items():
            section = page.partition(f"`{method.upper()} {path}`")[2].partition("\n## ")[0]
            assert "Answer 20" in section
            assert ("Body: " in section) == ("requestBody" in operation)
            assert all(f"| `{each['name']}` |" in section for each in operation.get("parameters", ()))


def test_every_frame_has_all_of_its_fields() -> None:
    page = pages()["reference/socket.md"]
    document = asyncapi_document()["components"]
    for name, message in document["messages"].items():
        side = "client" if name.startswith("client.") else "server"
        half = page.partition(f"## Frames from the {side}")[2]
        section = half.partition(f"\n### {message['name']}\n")[2].partition("\n#")[0]
        fields = set(document["schemas"][name].get("properties", {})) - {"type"}
        assert {found for found in fields if f"| `{found}` |" in section} == fields, name


@pytest.mark.parametrize("name", PAGES)
def test_every_type_that_is_named_is_described(name: str) -> None:
    types = pages()[name].partition("## Types")[2]
    assert types.count("### ") > 5
    assert "| None |" not in types
