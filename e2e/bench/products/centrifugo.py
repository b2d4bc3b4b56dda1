"""Centrifugo 6 on a durable Redis: channels with history and recovery; people publish into them themselves."""

import json
import secrets
import urllib.request
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from e2e.backends.ports import free_port
from e2e.backends.process import ServerProcess
from e2e.bench.contract import Ability, Facts, Group, Most, Population, Takes, Target
from e2e.bench.drivers.centrifugo_wire import channel_of, personal_channel
from e2e.bench.products.durable_redis import DURABILITY, HOST, DurableRedis, redis_missing
from e2e.cluster.host.go_programs import NEEDED_GO, GoProgram, built, go_version

PROGRAM: Final = GoProgram(
    "centrifugo",
    "github.com/centrifugal/centrifugo/v6",
    version_of="github.com/centrifugal/centrifugo/v6",
    modules=Path(__file__).parent,
)
_READY_S: Final = 60.0
_CALL_S: Final = 60.0
_HISTORY: Final = {
    "history_size": 1_000_000,
    "history_ttl": "720h",
    "force_positioning": True,
    "force_recovery": True,
    "allow_history_for_subscriber": True,
}
_CONFIGURATION: Final = (
    "Redis engine with streams; every channel keeps 1,000,000 publications for 720 h, with positioning and recovery "
    "forced; people publish into channels by themselves, and one command of a connection at a time (the default); "
    "limits lifted: 100,000 channels a connection, 1,000,000 publications in an answer or a recovery (300); "
    "log level warn, usage statistics off; a person learns which channels he is in from his personal channel"
)
_BROADCAST: Final = 1_000
_LIMIT: Final = 1_000_000


class CentrifugoRunning:
    """Centrifugo and its Redis."""

    def __init__(self, folder: Path, program: Path) -> None:
        self._redis = DurableRedis(folder / "redis")
        self._secret, self._api_key = secrets.token_hex(32), secrets.token_hex(16)
        self._port = free_port()
        self._address = f"http://{HOST}:{self._port}"
        self._told: set[tuple[str, str]] = set()
        self._file = folder / "centrifugo" / "config.json"
        command = [str(program), "--config", str(self._file.resolve())]
        self._process = ServerProcess(
            "centrifugo", f"{HOST}:{self._port}", folder / "centrifugo", command, partial(self._get, "/health")
        )

    def start(self) -> None:
        """Start both; returns when clients can connect."""
        self._redis.start()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        settings = configuration(self._port, self._redis.port, self._secret, self._api_key)
        self._file.write_text(json.dumps(settings, indent=2))
        self._process.start()
        self._process.wait_ready(_READY_S)

    @property
    def target(self) -> Target:
        """The WebSocket's port, and the secret from which tokens are made."""
        return Target("centrifugo", HOST, self._port, {"secret": self._secret})

    @property
    def facts(self) -> Facts:
        """What runs."""
        return Facts(
            version=f"Centrifugo {PROGRAM.version().removeprefix('v')}",
            engine=f"{self._redis.version} (streams)",
            durability=f"{DURABILITY}; the reply to a publication comes after that",
            configuration=_CONFIGURATION,
        )

    @property
    def processes(self) -> Mapping[str, int]:
        """Both."""
        pid = self._process.pid
        return {**({} if pid is None else {self.front: pid}), **self._redis.processes}

    @property
    def front(self) -> str:
        """The connections are Centrifugo's."""
        return "centrifugo"

    def populate(self, population: Population) -> None:
        """Tell each member's personal channel the group's channel; accounts are the tokens themselves."""
        for name, members in population.groups.items():
            channel = channel_of(Group(name))
            untold = [member for member in members if (name, member) not in self._told]
            for begin in range(0, len(untold), _BROADCAST):
                some = untold[begin : begin + _BROADCAST]
                self._broadcast([personal_channel(member) for member in some], channel)
            self._told.update((name, member) for member in untold)

    def stop(self) -> None:
        """End both."""
        self._process.kill()
        self._redis.stop()

    def _broadcast(self, channels: Sequence[str], data: str) -> None:
        body = json.dumps({"channels": channels, "data": data}).encode()
        headers = {"Content-Type": "application/json", "X-API-Key": self._api_key}
        request = urllib.request.Request(f"{self._address}/api/broadcast", body, headers)  # noqa: S310 - http, ours
        with urllib.request.urlopen(request, timeout=_CALL_S) as response:  # noqa: S310 - as above
            answer = json.load(response)
        answers = [answer, *answer.get("result", {}).get("responses", [])]
        refusals = [each["error"] for each in answers if "error" in each]
        if refusals:
            raise RuntimeError(f"Centrifugo refused to tell people of their group {data}: {refusals[0]}")

    def _get(self, path: str) -> None:
        urllib.request.urlopen(f"{self._address}{path}", timeout=3).close()  # noqa: S310 - as above


class Centrifugo:
    """Built from its module, once."""

    name: Final = "Centrifugo"
    abilities: Final = frozenset({Ability.GROUPS, Ability.HISTORY, Ability.RESUME})
    most: Final = Most()
    takes: Final = Takes(4)

    def missing(self) -> str | None:
        """Go and Redis are needed."""
        if go_version() is None:
            return f"Go {NEEDED_GO[0]}.{NEEDED_GO[1]} or newer is needed to build Centrifugo: install it from go.dev/dl"
        return redis_missing()

    def start(self, folder: Path) -> CentrifugoRunning:
        """Build it if it is not kept yet, and start it."""
        running = CentrifugoRunning(folder, built(PROGRAM, print))
        try:
            running.start()
        except BaseException:
            running.stop()
            raise
        return running


def configuration(port: int, redis_port: int, secret: str, api_key: str) -> dict[str, object]:
    """Centrifugo's settings; see `Facts.configuration` for what differs from its defaults, and why."""
    namespaces = [
        {"name": "personal", "allow_user_limited_channels": True, "allow_publish_for_client": True, **_HISTORY},
        {"name": "direct", "allow_user_limited_channels": True, "allow_publish_for_subscriber": True, **_HISTORY},
        {"name": "group", "allow_subscribe_for_client": True, "allow_publish_for_subscriber": True, **_HISTORY},
    ]
    return {
        "http_server": {"address": HOST, "port": port},
        "log": {"level": "warn"},
        "usage_stats": {"disabled": True},
        "health": {"enabled": True},
        "http_api": {"key": api_key},
        "engine": {"type": "redis", "redis": {"address": f"redis://{HOST}:{redis_port}"}},
        "client": {
            "token": {"hmac_secret_key": secret},
            "channel_limit": 100_000,
            "history_max_publication_limit": _LIMIT,
            "recovery_max_publication_limit": _LIMIT,
        },
        "channel": {"history_meta_ttl": "1440h", "namespaces": namespaces},
    }
