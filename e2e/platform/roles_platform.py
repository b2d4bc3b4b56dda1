"""Processes of every role with settings that fit together; each can be killed, paused and started again."""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx

from e2e.backends.failure import BackendError
from e2e.backends.http_probe import asked
from e2e.backends.ports import Ports
from e2e.backends.process import ServerProcess
from parley.contract import READINESS_PATH, ROLES

READY_S = 60.0
PARLEY = Path(sys.executable).with_name("parley")
_SECRETS = ("PARLEY_JWT_SECRET", "PARLEY_INTERNAL_SECRET")


class RolesPlatform:
    """`counts` says how many processes each role has; a gateway asks the chat process of its own number."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        counts: Mapping[str, int] | None = None,
        *,
        bound: bool = True,
    ) -> None:
        """`environment` says where the servers are, and whatever else is to be set. Nothing runs yet."""
        self.folder = folder
        self.counts = dict.fromkeys(ROLES, 1) | dict(counts or {})
        self._ports = Ports(folder)
        self._environment = {
            "PARLEY_DEVELOPMENT": "true",
            "PARLEY_LOG_FORMAT": "json",
            "PYTHONFAULTHANDLER": "1",
            **environment,
            **dict(zip(_SECRETS, self._secrets(), strict=True)),
        }
        self.processes = {
            name: self._process(role, number, bound=bound)
            for role in ROLES
            for number in range(1, self.counts[role] + 1)
            for name in [f"{role}-{number}"]
        }

    @property
    def environment(self) -> dict[str, str]:
        """The settings that all processes share."""
        return dict(self._environment)

    @property
    def secret(self) -> str:
        """What signs tokens."""
        return self._environment["PARLEY_JWT_SECRET"]

    @property
    def socket_servers(self) -> list[tuple[str, int]]:
        """Where gateways listen."""
        return [("127.0.0.1", self._ports.of(f"gateway-{n}")) for n in range(1, self.counts["gateway"] + 1)]

    @property
    def http_servers(self) -> list[tuple[str, int]]:
        """Where chat listens for people."""
        return [("127.0.0.1", self._ports.of(f"chat-{n}")) for n in range(1, self.counts["chat"] + 1)]

    def prepare(self) -> None:
        """Create topics and keyspace, as an operator does before the first start."""
        for what in ("topics", "schema"):
            command = [str(PARLEY), what, "apply"]
            environment = {**os.environ, **self._environment}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
            if done.returncode != 0:
                raise BackendError(f"`parley {what} apply` ended with {done.returncode}: {done.stderr.strip()}")

    def start(self) -> None:
        """Start every process, and wait until all are ready."""
        for process in self.processes.values():
            process.start()
        for process in self.processes.values():
            process.wait_ready(READY_S)

    def stop(self) -> None:
        """End every process: gateways first, so that they drain while the others still work."""
        for process in self.processes.values():
            process.resume()
            process.stop()

    def metrics(self, name: str) -> str:
        """The metrics of one process; empty when it does not answer."""
        with suppress(httpx.HTTPError):
            return asked(f"http://127.0.0.1:{self._ports.of(f'{name}-admin')}/metrics", 2).text
        return ""

    def _secrets(self) -> tuple[str, ...]:
        """Kept in the folder, so that tokens survive a restart."""
        file = self.folder / "secrets"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text("\n".join(secrets.token_hex(32) for _ in _SECRETS))
        return tuple(file.read_text().split())

    def _process(self, role: str, number: int, *, bound: bool) -> ServerProcess:
        name = f"{role}-{number}"
        admin = self._ports.of(f"{name}-admin")
        chat = min(number, self.counts["chat"])
        settings = {
            "PARLEY_NODE_NAME": name,
            "PARLEY_ADMIN_PORT": str(admin),
            "PARLEY_PORT": str(self._ports.of(name) if role in {"gateway", "chat"} else 0),
            "PARLEY_INTERNAL_PORT": str(self._ports.of(f"chat-{number if role == 'chat' else chat}-internal")),
            "PARLEY_CHAT_URL": f"http://127.0.0.1:{self._ports.of(f'chat-{chat}-internal')}",
        }

        def probe() -> None:
            answer = asked(f"http://127.0.0.1:{admin}{READINESS_PATH}", 3)
            if answer.status_code != httpx.codes.OK:
                raise BackendError(answer.text)

        return ServerProcess(
            name,
            f"127.0.0.1:{admin}",
            self.folder / name,
            [str(PARLEY), "run", role],
            probe,
            self._environment | settings,
            bound=bound,
        )
