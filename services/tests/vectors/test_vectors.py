"""The golden vectors that both SDKs pass, in Python; `services/tests/web` plays them in a browser."""

import json

import pytest

from parley.protocol import client_frames, server_frames
from parley.protocol.codec import JSON, MSGPACK
from tests.vectors.generate import FOLDER, codec_vectors, scenario_vectors, vectors


@pytest.mark.parametrize("name", ["codec.json", "scenarios.json", "identities.json"])
def test_the_committed_vectors_are_in_step(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert text == vectors()[name], "run `python -m tests.vectors.generate` in services/, and look at what changed"


def test_there_are_enough_of_them_and_every_frame_is_among_them() -> None:
    codec = codec_vectors()
    assert len(codec) + len(scenario_vectors()) >= 100
    for side, union in (("client", client_frames.AnyClientFrame), ("server", server_frames.AnyServerFrame)):
        tags = {str(kind.__struct_config__.tag) for kind in union.__args__}
        assert tags == {vector["type"] for vector in codec if vector["side"] == side}


@pytest.mark.parametrize("vector", codec_vectors(), ids=lambda vector: f"{vector['side']} {vector['type']}")
def test_both_encodings_hold_the_same_frame(vector: dict[str, str]) -> None:
    text, data = vector["json"].encode(), bytes.fromhex(vector["msgpack"])
    if vector["side"] == "client":
        assert JSON.decode_client(text) == MSGPACK.decode_client(data)
    else:
        assert JSON.decode_server(text) == MSGPACK.decode_server(data)


def test_64_bit_numbers_are_strings_in_json() -> None:
    full = next(vector for vector in codec_vectors() if "9223372036854775807" in vector["json"])
    assert '"9223372036854775807"' in full["json"]
    assert json.loads(full["json"])
