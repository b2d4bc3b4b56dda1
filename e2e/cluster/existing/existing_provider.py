"""A cluster that is there already and stays: only one whose context is named on purpose."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from e2e.cluster.failure import ClusterError
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Features, Info, Tell

ALLOWED = "PARLEY_CLUSTER_CONTEXTS"
"""Tests create and delete things: the contexts, divided by commas, in which somebody allows that."""


class ExistingProvider:
    """Uses the current context of the person's kubeconfig, if the list allows it; the cluster itself is not touched."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Read which contexts are allowed from the environment."""
        self.folder = folder.resolve()
        self._allowed = [name.strip() for name in environment.get(ALLOWED, "").split(",") if name.strip()]
        self._kubeconfig = self.folder / "kubeconfig"

    def lacking(self) -> list[str]:
        """What keeps the current context from being used."""
        if shutil.which("kubectl") is None:
            return ["kubectl is not installed: https://kubernetes.io/docs/tasks/tools"]
        current = self._current()
        if current is None:
            return ["kubectl has no current context: `kubectl config use-context NAME` chooses one"]
        if current not in self._allowed:
            listed = ", ".join(self._allowed) or "empty"
            reason = f"the current context {current} is not in {ALLOWED}, which is {listed}"
            return [f"{reason}: tests create and delete things there; allow it with {ALLOWED}={current}"]
        return []

    def up(self, tell: Tell) -> None:
        """Copy the context's kubeconfig, and see that the cluster answers."""
        missing = self.lacking()
        if missing:
            raise ClusterError("; ".join(missing))
        context = self._current()
        tell(f"taking the context {context}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._kubeconfig.touch(mode=0o600)
        self._kubeconfig.write_text(_config("view", "--minify", "--flatten", "--context", str(context)) or "")
        self._kubectl().wait("condition=Ready", "nodes", "--all")

    def load(self, images: Path) -> None:
        """Refuse: images reach a cluster of one's own through a registry that it reads."""
        raise ClusterError(
            f"{images} cannot be loaded into a cluster of your own: push it to a registry that the cluster reads"
        )

    def info(self) -> Info:
        """Describe the cluster as far as it says."""
        if not self._kubeconfig.exists():
            raise ClusterError(f"no context was taken into {self.folder}: make cluster PROVIDER=existing")
        kubectl = self._kubectl()
        served = kubectl("api-versions").split()
        programs = {name: path for name in ("kubectl", "helm") if (path := shutil.which(name)) is not None}
        return Info(
            provider="existing",
            context=str(self._taken()),
            kubeconfig=str(self._kubeconfig),
            versions={"kubernetes": kubectl.json("version")["serverVersion"]["gitVersion"]},
            features=Features(metrics="metrics.k8s.io/v1beta1" in served),
            programs=programs,
        )

    def logs(self, target: Path) -> None:
        """Write down what the API server knows."""
        target.mkdir(parents=True, exist_ok=True)
        for kind in ("nodes", "pods", "events"):
            said = self._kubectl()("get", kind, "--all-namespaces", "--output=wide")
            (target / f"{kind}.txt").write_text(said)

    def down(self) -> None:
        """Forget the context; the cluster stays."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kubectl(self) -> Kubectl:
        return Kubectl(shutil.which("kubectl") or "kubectl", self._kubeconfig, str(self._taken()))

    def _taken(self) -> str | None:
        return _config("current-context", "--kubeconfig", str(self._kubeconfig))

    def _current(self) -> str | None:
        return _config("current-context")


def _config(*arguments: str) -> str | None:
    """What `kubectl config` prints; None when it fails."""
    command = ["kubectl", "config", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip() if done.returncode == 0 else None
