"""Definitions of optional APIs, from the projects that make them, so that an API server can judge objects of these.

They come out of pinned Go modules, compared with their checksums, and are kept outside the tree.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from e2e.cluster.failure import ClusterError
from e2e.kept import digest_of, kept

FETCH_S: Final = 300


@dataclass(frozen=True)
class Source:
    """Files of one version of a Go module; `checksum` is what go.sum would have for it."""

    module: str
    version: str
    checksum: str
    files: Sequence[str]


SOURCES: Final = (
    Source(
        "sigs.k8s.io/gateway-api",
        "v1.4.1",
        "h1:NPxFutNkKNa8UfLd2CMlEuhIPMQgDQ6DXNKG9sHbJU8=",
        ("config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",),
    ),
    Source(
        "github.com/kedacore/keda/v2",
        "v2.18.1",
        "h1:h6bRt/IOxxtZpJlHSqhdH/lcInH7Z9obxg/JvWOmGAw=",
        ("config/crd/bases/keda.sh_scaledobjects.yaml",),
    ),
    Source(
        "github.com/prometheus-operator/prometheus-operator",
        "v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        tuple(
            f"example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml"
            for kind in ("podmonitors", "prometheusrules", "servicemonitors")
        ),
    ),
)


def definitions() -> Path:
    """The folder with the definitions; raises ClusterError when they are not kept and cannot be fetched."""
    return kept("cluster-definitions", digest_of([repr(SOURCES).encode()]), _fetch)


def _fetch(target: Path) -> None:
    go = shutil.which("go") or "go"
    for source in SOURCES:
        named = f"{source.module}@{source.version}"
        with tempfile.TemporaryDirectory() as nowhere:
            done = subprocess.run(
                [go, "mod", "download", "-json", named],
                cwd=nowhere,
                env={**os.environ, "GOFLAGS": "", "GOWORK": "off"},
                capture_output=True,
                text=True,
                check=False,
                timeout=FETCH_S,
            )
        found = json.loads(done.stdout or "{}")
        if done.returncode or found.get("Sum") != source.checksum:
            said = found.get("Error") or done.stderr.strip() or f"its checksum is {found.get('Sum')}"
            raise ClusterError(f"{named} could not be fetched: {said}")
        for name in source.files:
            shutil.copy(Path(found["Dir"]) / name, target)
