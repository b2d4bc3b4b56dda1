"""The chart and the example on a cluster that runs, with the commands that a person would type."""

import os
import subprocess
import time
from pathlib import Path

from e2e.cluster.failure import ClusterError
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info, Tell
from e2e.images.build import PROJECT

CHART = PROJECT / "chart"
EXAMPLE = PROJECT / "examples" / "chatcluster.yaml"
RELEASE = "parley"
NAMESPACE = "parley-backends"
"""Of the release and of the example, as in docs/quick-start.md."""
HELM_S = 300.0
AVAILABLE_S = 300.0
_LOOK_S = 2.0


class Installation:
    """Parley on one cluster, by Helm."""

    def __init__(self, info: Info) -> None:
        """Nothing is done yet; raises ClusterError when there is no helm."""
        if "helm" not in info.programs:
            raise ClusterError("helm is not installed: https://helm.sh/docs/intro/install")
        self.kubectl = Kubectl(info.programs["kubectl"], Path(info.kubeconfig), info.context)
        self._helm = [info.programs["helm"], "--kubeconfig", info.kubeconfig, "--kube-context", info.context]

    def helm(self, *arguments: str) -> str:
        """What helm prints; raises ClusterError with what it said when it fails."""
        done = subprocess.run(
            [*self._helm, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=HELM_S + 60,
            env={**os.environ, "HELM_NO_PLUGINS": "1"},
        )
        if done.returncode:
            raise ClusterError(f"helm {' '.join(arguments)} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def install_chart(self, tell: Tell, *more: str) -> None:
        """Install it, or bring it up to date, and wait until the operator works."""
        where = ("--namespace", NAMESPACE, "--create-namespace", f"--timeout={HELM_S:.0f}s", "--wait")
        self.helm("upgrade", RELEASE, str(CHART), "--install", *where, *more)
        tell(f"helm release {RELEASE} in namespace {NAMESPACE}")

    def test_chart(self) -> str:
        """Run the chart's own test; returns what it printed."""
        return self.helm("test", RELEASE, "--namespace", NAMESPACE, "--logs", f"--timeout={HELM_S:.0f}s")

    def apply_example(self, tell: Tell) -> None:
        """Apply it and wait until it is Available; says now and then what it waits for."""
        self.kubectl("apply", "-f", str(EXAMPLE))
        deadline = time.monotonic() + AVAILABLE_S
        told = ""
        while True:
            conditions = self._conditions()
            if conditions.get("Available", {}).get("status") == "True":
                return
            waits = conditions.get("Available", {}).get("message", "the operator has not looked at it yet")
            if waits != told:
                tell(f"not Available yet: {waits}")
                told = waits
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"the ChatCluster chat was not Available within {AVAILABLE_S:.0f} s: {waits}. "
                    f"See: kubectl describe chatcluster chat -n {NAMESPACE}"
                )
            time.sleep(_LOOK_S)

    def shown(self) -> str:
        """The ChatClusters as kubectl shows them."""
        return self.kubectl("get", "chatclusters", "--all-namespaces")

    def _conditions(self) -> dict[str, dict[str, str]]:
        found = self.kubectl.json("get", "chatcluster", "chat", "-n", NAMESPACE)
        return {each["type"]: each for each in found.get("status", {}).get("conditions", [])}
