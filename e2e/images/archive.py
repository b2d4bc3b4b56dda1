"""An image of one layer, as the archive that container runtimes import; the same bytes each time."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_OCI = "application/vnd.oci.image"
LAYOUT = '{"imageLayoutVersion": "1.0.0"}'


def write_image(
    archive: Path, reference: str, layer: bytes, architecture: str, configuration: Mapping[str, Any]
) -> None:
    """Write an OCI archive of an image `reference` whose only layer is the tar file `layer`.

    `configuration` is the image's `config` (OCI image specification), such as `{"Entrypoint": ["/program"]}`;
    `architecture` is amd64 or arm64.
    """
    blobs: dict[str, bytes] = {}

    def blob(content: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    # The layer is not compressed: it stays on this machine, where reading is quicker than unpacking.
    described_layer = blob(layer, f"{_OCI}.layer.v1.tar")
    image = {
        "architecture": architecture,
        "os": "linux",
        "config": dict(configuration),
        "rootfs": {"type": "layers", "diff_ids": [described_layer["digest"]]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}.manifest.v1+json",
        "config": blob(json.dumps(image).encode(), f"{_OCI}.config.v1+json"),
        "layers": [described_layer],
    }
    described = blob(json.dumps(manifest).encode(), f"{_OCI}.manifest.v1+json")
    described["annotations"] = {"io.containerd.image.name": reference}
    with tarfile.open(archive, "w") as tar:
        _add(tar, "oci-layout", LAYOUT.encode())
        _add(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": [described]}).encode())
        for digest, content in sorted(blobs.items()):
            _add(tar, f"blobs/sha256/{digest}", content)


def layer_of(programs: Sequence[Path]) -> bytes:
    """A layer with these programs in its root folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for program in programs:
            _add(tar, program.name, program.read_bytes(), mode=0o755)
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))
