"""`python -m tests.vectors.generate` from the folder services: writes the golden vectors anew."""

import json
from pathlib import Path
from typing import Any

import msgspec

from parley.domain.identity import direct_conversation_id
from parley.protocol.codec import JSON, MSGPACK
from tests.vectors.examples import CLIENT_FRAMES, SERVER_FRAMES
from tests.vectors.scenarios import play, scenarios

FOLDER = Path(__file__).parent
PAIRS = [("ann", "bob"), ("bob", "ann"), ("ann", "ann"), ("é", "z"), ("😀", "\uffff"), ("a:1:b", "c"), ("a", "b:1:c")]


def codec_vectors() -> list[dict[str, str]]:
    """Every frame in both encodings."""
    return [
        {
            "side": side,
            "type": str(frame.__struct_config__.tag),
            "json": JSON.encode(frame).decode(),
            "msgpack": MSGPACK.encode(frame).hex(),
        }
        for side, frames in (("client", CLIENT_FRAMES), ("server", SERVER_FRAMES))
        for frame in frames
    ]


def scenario_vectors() -> list[dict[str, Any]]:
    """Every scenario with its results."""
    return [{"name": name, "steps": steps, "results": play(steps)} for name, steps in scenarios()]


def identity_vectors() -> list[dict[str, str]]:
    """Ids of direct conversations."""
    return [{"one": one, "other": other, "id": direct_conversation_id(one, other)} for one, other in PAIRS]


def vectors() -> dict[str, str]:
    """Content of every file, by name."""
    parts = {"codec": codec_vectors(), "scenarios": scenario_vectors(), "identities": identity_vectors()}
    return {f"{name}.json": _text(part) for name, part in parts.items()}


def _text(part: list[Any]) -> str:
    """One vector a line, so that a change shows as the vectors that it changes."""
    lines = ",\n".join(json.dumps(msgspec.to_builtins(vector), ensure_ascii=False) for vector in part)
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    for name, text in vectors().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
