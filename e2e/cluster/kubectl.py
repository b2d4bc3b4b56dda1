"""kubectl with one cluster's kubeconfig, for what a person would do with it."""

import json
import subprocess
from pathlib import Path
from typing import Any

from e2e.cluster.failure import ClusterError

CALL_S = 120.0


class Kubectl:
    """Calls the program; a call that fails raises ClusterError with what it said."""

    def __init__(self, program: str, kubeconfig: Path, context: str) -> None:
        """Use `program` with one context of a kubeconfig."""
        self.command = [program, f"--kubeconfig={kubeconfig}", f"--context={context}"]
        self.kubeconfig, self.context = kubeconfig, context

    def __call__(self, *arguments: str, text: str | None = None, timeout_s: float = CALL_S) -> str:
        """What kubectl prints for these arguments; `text` is its standard input."""
        done = self.attempt(*arguments, text=text, timeout_s=timeout_s)
        if done.returncode != 0:
            raise ClusterError(f"kubectl {' '.join(arguments)} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def attempt(
        self, *arguments: str, text: str | None = None, timeout_s: float = CALL_S
    ) -> subprocess.CompletedProcess[str]:
        """The call as it ended, well or badly."""
        command = [*self.command, *arguments]
        try:
            return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise ClusterError(f"kubectl {' '.join(arguments)} did not end within {timeout_s:g} s") from None

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever the object is
        """The objects that these arguments name."""
        return json.loads(self(*arguments, "-o", "json"))

    def apply(self, *objects: dict[str, Any]) -> None:
        """Apply these objects, by server-side apply."""
        bundle = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self("apply", "--server-side", "--force-conflicts", "-f", "-", text=json.dumps(bundle))

    def wait(self, condition: str, *arguments: str, timeout_s: float = CALL_S) -> None:
        """Wait for a condition of objects, such as `condition=Ready`."""
        self("wait", f"--for={condition}", f"--timeout={timeout_s:.0f}s", *arguments, timeout_s=timeout_s + 30)
