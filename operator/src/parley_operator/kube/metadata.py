"""Lists of metadata, read without what the operator does not need of them: managed fields are most of each object.

A list of all objects of 300 ChatClusters is tens of megabytes; as Python's own dictionaries it takes a second to make.
"""

from typing import Any, Final

import msgspec

FORM: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""What to accept, so that the API server sends nothing but metadata."""


class _Metadata(msgspec.Struct, rename="camel", omit_defaults=True):
    name: str
    uid: str
    resource_version: str
    namespace: str = ""
    generation: int = 0
    deletion_timestamp: str | None = None
    labels: dict[str, str] = {}


class _Item(msgspec.Struct):
    metadata: _Metadata


class _More(msgspec.Struct, omit_defaults=True):
    continuation: str = msgspec.field(name="continue", default="")


class _Page(msgspec.Struct):
    items: list[_Item] | None
    """The server says null where there are none."""
    metadata: _More


_DECODER: Final = msgspec.json.Decoder(_Page)


def metadata_page(content: bytes) -> dict[str, Any]:
    """One page of a list, with of each object its names, uid, versions, labels and whether it is being deleted.

    Raises ValueError when it is no such list.
    """
    page: dict[str, Any] = msgspec.to_builtins(_DECODER.decode(content))
    return page
