"""One Redis server that keeps nothing: what is in it may be lost."""

import shutil
from pathlib import Path

import redis

from e2e.backends.failure import BackendError
from e2e.backends.ports import Ports
from e2e.backends.process import ServerProcess
from e2e.backends.security import Security

READY_S = 20.0


class RedisServer:
    """With `security` it knows one user, and speaks TLS only if that says so."""

    def __init__(self, folder: Path, ports: Ports, security: Security | None = None, *, bound: bool = True) -> None:
        """Prepare the server; nothing runs yet."""
        self._folder = folder
        self._security = security
        self.port = ports.of("redis")
        self.process = ServerProcess(
            "redis", f"127.0.0.1:{self.port}", folder, self._command(), self._probe, bound=bound
        )
        self.processes = [self.process]

    def start(self) -> None:
        """Start the server."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._security is not None:
            users = f"user {self._security.user} on >{self._security.password} ~* &* +@all\nuser default off\n"
            (self._folder / "users.acl").write_text(users)
        self.process.start()

    def wait_ready(self, timeout_s: float = READY_S) -> None:
        """Wait until it answers."""
        self.process.wait_ready(timeout_s)

    def stop(self) -> None:
        """End the server."""
        self.process.stop()

    def connect(self) -> redis.Redis:
        """A client of it."""
        if self._security is None:
            return redis.Redis(port=self.port, socket_timeout=3)
        return redis.Redis(
            port=self.port,
            socket_timeout=3,
            ssl=self._security.tls,
            ssl_ca_certs=str(self._security.ca_file) if self._security.tls else None,
            username=self._security.user,
            password=self._security.password,
        )

    def _probe(self) -> None:
        with self.connect() as client:
            client.ping()

    def _command(self) -> list[str]:
        program = shutil.which("redis-server")
        if program is None:
            raise BackendError("redis-server is needed. On Debian: apt-get install redis-server")
        command = [program, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--protected-mode", "no"]
        if self._security is None:
            return [*command, "--port", str(self.port)]
        if not self._security.tls:
            return [*command, "--port", str(self.port), "--aclfile", "users.acl"]
        files = {
            "--tls-cert-file": self._security.certificate_file,
            "--tls-key-file": self._security.key_file,
            "--tls-ca-cert-file": self._security.ca_file,
        }
        for option, path in files.items():
            command += [option, str(path.resolve())]
        return [
            *command,
            "--port",
            "0",
            "--tls-port",
            str(self.port),
            "--tls-auth-clients",
            "no",
            "--aclfile",
            "users.acl",
        ]
