"""What a Redis URL says."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from parley.domain.errors import ErrorCode, ParleyError

_URL: Final = re.compile(
    r"(?P<tls>rediss?)(?P<kind>\+sentinel|\+cluster)?://"
    r"(?P<hosts>[^/,:@]+:\d+(?:,[^/,:@]+:\d+)*)(?P<rest>(?:/[^/]+)*)/?"
)
_ALLOWED: Final = (
    "redis://HOST:PORT[/DB], redis+sentinel://HOST:PORT,HOST:PORT/MASTER[/DB], redis+cluster://HOST:PORT,HOST:PORT; "
    "rediss instead of redis for TLS. User and password have settings of their own"
)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Servers, how they work together, and the database; `master` is the name that Sentinel knows."""

    hosts: tuple[tuple[str, int], ...]
    kind: Literal["standalone", "sentinel", "cluster"]
    tls: bool
    database: int = 0
    master: str = ""

    @property
    def text(self) -> str:
        """What messages call it."""
        return ", ".join(f"{host}:{port}" for host, port in self.hosts)


def parse_address(url: str) -> RedisAddress:
    """Read the URL; raises ParleyError INVALID_FIELD that says what is allowed."""
    found = _URL.fullmatch(url)
    if found is None:
        raise _malformed(url)
    hosts = tuple((host, int(port)) for host, _, port in (part.rpartition(":") for part in found["hosts"].split(",")))
    rest = [part for part in found["rest"].split("/") if part]
    tls = found["tls"] == "rediss"
    if found["kind"] == "+cluster":
        if rest:
            raise _malformed(url)
        return RedisAddress(hosts, "cluster", tls)
    master = ""
    if found["kind"] == "+sentinel":
        if not rest:
            raise _malformed(url)
        master = rest.pop(0)
    if len(rest) > 1 or (rest and not rest[0].isdigit()) or (not master and len(hosts) > 1):
        raise _malformed(url)
    return RedisAddress(hosts, "sentinel" if master else "standalone", tls, int(rest[0]) if rest else 0, master)


def _malformed(url: str) -> ParleyError:
    text = f"PARLEY_REGISTRY_URL is {url!r}; allowed are {_ALLOWED}"
    return ParleyError(ErrorCode.INVALID_FIELD, text, field="registry_url")
