"""kind, called as its manual says; kept thin, since it cannot run where these files are tested."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from e2e.cluster.failure import ClusterError
from e2e.cluster.host.host_provider import CONFIGURATION
from e2e.cluster.host.ports import NodePorts
from e2e.cluster.kind.configuration import NEEDED_KIND, kind_configuration
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Features, Info, Tell

NAME = "parley"
CONTEXT = f"kind-{NAME}"
CREATE_S = 20 * 60.0
QUICK_S = 300.0
_ENGINES = ("docker", "podman")


class KindProvider:
    """One node in a container of Docker or podman."""

    def __init__(self, folder: Path) -> None:
        """Name the folder for its kubeconfig and audit log; nothing is made yet."""
        self.folder = folder.resolve()
        self.ports = NodePorts(self.folder)
        self._kubeconfig = self.folder / "kubeconfig"

    def lacking(self) -> list[str]:
        """What this machine lacks for kind."""
        missing = [*_engine_lacks(), *_kind_lacks()]
        if shutil.which("kubectl") is None:
            missing.append("kubectl is not installed: https://kubernetes.io/docs/tasks/tools")
        return missing

    def up(self, tell: Tell) -> None:
        """Create the cluster unless it is there, and wait until its node is Ready."""
        if NAME in _kind("get", "clusters").split():
            tell(f"the kind cluster {NAME} is there already")
            _kind("export", "kubeconfig", "--name", NAME, "--kubeconfig", str(self._kubeconfig))
        else:
            tell("creating a kind cluster (the node's image is fetched once)")
            (self.folder / "logs").mkdir(parents=True, exist_ok=True)
            policy = CONFIGURATION / "audit-policy.yaml"
            configuration = kind_configuration(policy, self.folder / "logs", self.ports.node_ports())
            file = self.folder / "kind.json"
            file.write_text(json.dumps(configuration, indent=2))
            arguments = ["--config", str(file), "--kubeconfig", str(self._kubeconfig), "--wait", "5m"]
            _kind("create", "cluster", "--name", NAME, *arguments, timeout_s=CREATE_S)
        kubectl = self._kubectl()
        kubectl("apply", "--server-side", "--kustomize", str(Path(__file__).parent / "metrics-server"))
        kubectl.wait("condition=Ready", "nodes", "--all")

    def load(self, images: Path) -> None:
        """Load an archive of images into the node."""
        _kind("load", "image-archive", str(images), "--name", NAME)

    def info(self) -> Info:
        """Describe the cluster."""
        if not self._kubeconfig.exists():
            raise ClusterError(f"no kind cluster was made in {self.folder}. Start one: make cluster")
        version = self._kubectl().json("version")["serverVersion"]["gitVersion"]
        programs = {name: path for name in ("kubectl", "helm") if (path := shutil.which(name)) is not None}
        return Info(
            provider="kind",
            context=CONTEXT,
            kubeconfig=str(self._kubeconfig),
            versions={"kubernetes": version},
            features=Features(networkpolicy=True, metrics=True, audit=True),
            programs=programs,
            node_ports=self.ports.node_ports(),
            audit_log=str(self.folder / "logs" / "audit.log"),
        )

    def logs(self, target: Path) -> None:
        """Let kind collect its logs."""
        _kind("export", "logs", str(target), "--name", NAME)

    def down(self) -> None:
        """Delete the cluster and its folder."""
        _kind("delete", "cluster", "--name", NAME, "--kubeconfig", str(self._kubeconfig))
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kubectl(self) -> Kubectl:
        return Kubectl(shutil.which("kubectl") or "kubectl", self._kubeconfig, CONTEXT)


def _kind(*arguments: str, timeout_s: float = QUICK_S) -> str:
    done = _run(["kind", *arguments], timeout_s)
    if done is None or done.returncode != 0:
        said = "it is not installed, or did not end in time" if done is None else done.stderr.strip()
        raise ClusterError(f"kind {' '.join(arguments)} failed: {said}")
    return done.stdout


def _engine_lacks() -> list[str]:
    for engine in _ENGINES:
        done = _run([engine, "info"], 30.0)
        if done is not None and done.returncode == 0:
            return []
    return ["neither Docker nor podman answers: start one of them (`docker info` has to succeed)"]


def _kind_lacks() -> list[str]:
    done = _run(["kind", "version"], 30.0)
    found = re.search(r"v(\d+)\.(\d+)", done.stdout) if done else None
    needed = ".".join(map(str, NEEDED_KIND))
    if found is None:
        return [f"kind {needed} is not installed: https://kind.sigs.k8s.io/docs/user/quick-start"]
    if (int(found[1]), int(found[2])) < NEEDED_KIND:
        return [f"kind is {found[0]}, and the node's image needs {needed} or newer"]
    return []


def _run(command: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str] | None:
    """The command as it ended; None when there is no such program or it took too long."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout_s)
    except (OSError, subprocess.TimeoutExpired):
        return None
