"""The chart as Helm renders it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from e2e.chart.reference import CHART
from e2e.cluster.host import go_programs
from e2e.kept import kept_path

Manifest = dict[str, Any]
RELEASE = "parley"
NAMESPACE = "parley-system"
CALL_S = 120.0


def helm_program() -> str | None:
    """$PARLEY_HELM, the Helm that a host's cluster is built with, or the one on the PATH; None when there is none."""
    if named := os.environ.get("PARLEY_HELM"):
        return named
    program = next(each for each in go_programs.PROGRAMS if each.name == "helm")
    built = kept_path("cluster-helm", go_programs._digest(program)) / "helm"
    return str(built) if built.exists() else shutil.which("helm")


class Helm:
    """Calls Helm, which reaches no cluster."""

    def __init__(self, program: str, folder: Path) -> None:
        """Use `program`; what it keeps goes to `folder`."""
        self._program = program
        self._environment = {
            "HOME": str(folder),
            "HELM_CACHE_HOME": str(folder / "cache"),
            "HELM_CONFIG_HOME": str(folder / "config"),
            "HELM_DATA_HOME": str(folder / "data"),
            "KUBECONFIG": str(folder / "no-cluster"),
        }

    def __call__(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """The call as it ended."""
        return subprocess.run(
            [self._program, *arguments],
            input=text,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=CALL_S,
        )

    def template(
        self, values: Manifest | None = None, *, chart: Path = CHART, release: str = RELEASE, namespace: str = NAMESPACE
    ) -> subprocess.CompletedProcess[str]:
        """`helm template` with these values."""
        arguments = ["template", release, str(chart), "--namespace", namespace, "--values", "-"]
        return self(*arguments, text=json.dumps(values or {}))

    def refusal(self, values: Manifest) -> str:
        """What Helm says about values that are not right."""
        done = self.template(values)
        assert done.returncode != 0, f"Helm takes {values}"
        return done.stderr

    def text(self, values: Manifest | None = None, **where: Any) -> str:
        """The rendered chart."""
        done = self.template(values, **where)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def objects(self, values: Manifest | None = None, **where: Any) -> list[Manifest]:
        """Its objects, hooks among them."""
        return [each for each in yaml.safe_load_all(self.text(values, **where)) if each]


def chosen(objects: list[Manifest], kind: str, name: str | None = None) -> Manifest:
    """The one object of this kind, or of this kind and name."""
    found = [each for each in objects if each["kind"] == kind and name in {None, each["metadata"]["name"]}]
    assert len(found) == 1, [f"{each['kind']} {each['metadata']['name']}" for each in found]
    return found[0]


def pod_templates(objects: list[Manifest]) -> list[Manifest]:
    """Metadata and spec of every pod that these objects make, or are."""
    found = [each for each in objects if each["kind"] == "Pod"]
    return found + [each["spec"]["template"] for each in objects if "template" in each.get("spec", {})]


def is_hook(manifest: Manifest) -> bool:
    """Whether Helm makes it at a certain moment only."""
    return "helm.sh/hook" in (manifest["metadata"].get("annotations") or {})
