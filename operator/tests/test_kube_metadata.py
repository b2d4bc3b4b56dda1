"""Lists of metadata are read as far as they are needed."""

import json

import pytest

from parley_operator.kube.metadata import metadata_page

WHOLE = {
    "name": "chat",
    "namespace": "talk",
    "uid": "u",
    "resourceVersion": "7",
    "generation": 3,
    "deletionTimestamp": "2026-01-01T00:00:00Z",
    "labels": {"a": "b"},
}


def test_of_each_object_stays_what_tells_it_apart() -> None:
    more = {"managedFields": [{"manager": "x", "fieldsV1": {"f:spec": {}}}], "annotations": {"c": "d"}}
    listed = [{"apiVersion": "v1", "metadata": {**WHOLE, **more}}, {"metadata": {**WHOLE, "labels": {}}}]
    page = metadata_page(
        json.dumps({"items": listed, "metadata": {"continue": "next", "resourceVersion": "9"}}).encode()
    )
    bare = {key: value for key, value in WHOLE.items() if key != "labels"}
    assert page == {"items": [{"metadata": WHOLE}, {"metadata": bare}], "metadata": {"continue": "next"}}


def test_the_last_page_has_none_after_it() -> None:
    assert metadata_page(b'{"items": [], "metadata": {}}') == {"items": [], "metadata": {}}


def test_a_list_of_nothing_is_empty() -> None:
    assert not metadata_page(b'{"items": null, "metadata": {"resourceVersion": "9"}}')["items"]


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"{}", b'{"items": [{"metadata": {"name": "x"}}], "metadata": {}}']
)
def test_what_is_no_such_list_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"truncated|malformed|missing"):
        metadata_page(content)
