"""The operator as a process of this machine, with the rights of its ServiceAccount in one namespace."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import yaml

from e2e.backends.http_probe import asked
from e2e.backends.ports import free_port
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from parley_operator.cli.install.installation import NAME, installation
from tests.patience import STILL_S

LOST = "the lease was lost"
"""With this a process ends that a busy machine kept from renewing; nobody may go on then."""


def grant(kubectl: Kubectl, namespace: str) -> None:
    """Make the operator's ServiceAccount and its Roles, as a namespaced installation has them."""
    wanted = installation("none", "none", namespace, (namespace,))
    kubectl.apply(*(each for each in wanted if each["kind"] in {"ServiceAccount", "Role", "RoleBinding"}))


class LocalOperator:
    """One process; several of one namespace compete for its Lease."""

    def __init__(
        self, kubectl: Kubectl, info: Info, namespace: str, folder: Path, name: str = "one", **settings: Any
    ) -> None:
        """Watch `namespace` only; the process and its files are called `name`."""
        self.identity = f"{namespace}-{name}"
        self.log = folder / f"{self.identity}.log"
        self.port = free_port()
        self._token_file = folder / f"{self.identity}.token"
        self._kubeconfig = folder / f"{self.identity}.kubeconfig"
        self._kubectl, self._info, self._namespace = kubectl, info, namespace
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.write_token(kubectl("create", "token", NAME, "-n", namespace).strip())
        self._write_kubeconfig()

    def write_token(self, token: str) -> None:
        """Change the token, as the kubelet does."""
        fresh = self._token_file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(token)
        fresh.rename(self._token_file)

    def _write_kubeconfig(self) -> None:
        config = yaml.safe_load(Path(self._info.kubeconfig).read_text())
        config["users"] = [{"name": "operator", "user": {"tokenFile": str(self._token_file)}}]
        for context in config["contexts"]:
            context["context"]["user"] = "operator"
        self._kubeconfig.touch(mode=0o600)
        self._kubeconfig.write_text(yaml.safe_dump(config))

    def start(self) -> "LocalOperator":
        """Begin; returns at once."""
        settings = {
            "watch_namespaces": self._namespace,
            "namespace": self._namespace,
            "identity": self.identity,
            "host": "127.0.0.1",
            "port": self.port,
            **self._settings,
        }
        environment = {f"PARLEY_OPERATOR_{name.upper()}": str(value) for name, value in settings.items()}
        command = [sys.executable, "-m", "parley_operator.cli", "run", "--kubeconfig", str(self._kubeconfig)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})
        return self

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def probe(self, path: str) -> int:
        """What a probe answers; 0 when nothing does."""
        try:
            return asked(f"http://127.0.0.1:{self.port}{path}", 5).status_code
        except httpx.HTTPError:
            return 0

    def until_leading(self) -> "LocalOperator":
        """Wait until it is the active one; who could not renew its Lease is started again, as by Kubernetes."""
        deadline = time.monotonic() + STILL_S
        while self.probe("/readyz") != httpx.codes.OK:
            if not self.running and LOST in self.log.read_text()[-500:]:
                self.start()
            elif time.monotonic() > deadline or not self.running:
                raise AssertionError(f"the operator does not lead: {self.log.read_text()[-3000:]}")
            time.sleep(0.1)
        return self

    def kill(self) -> None:
        """End it as a power failure would."""
        if self.running:
            os.kill(self.pid, signal.SIGKILL)
        self._reap()

    def stop(self) -> int:
        """End it as Kubernetes would; returns its exit code."""
        if self.running:
            os.kill(self.pid, signal.SIGTERM)
        return self._reap()

    def _reap(self) -> int:
        if self._process is None:
            return 0
        try:
            return self._process.wait(STILL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the operator did not end within {STILL_S:g} s") from None

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Lines of its log about an event."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]
