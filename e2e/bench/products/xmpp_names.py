"""The addresses of people and rooms on an XMPP server: one domain of people, and one of rooms below it."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from e2e.bench.contract import Population, Target

DOMAIN: Final = "localhost"
ROOMS: Final = f"conference.{DOMAIN}"
ACCEPTED: Final = (
    "A message to a person is committed twice, to the archives of its sender and of its receiver; the acknowledgement "
    "(XEP-0198) comes after both. A message to a group is committed once, and its acknowledgement is the room's own "
    "copy to the sender, which comes after the commit"
)
"""What an acknowledgement means with either server of ours, once it is said what a commit is."""

_PLAIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")


def checked_name(name: str) -> str:
    """The name, which is the same in an address, a file's name and SQL; another one is refused."""
    if not _PLAIN_NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a name in XMPP here: use small letters, digits, dots, hyphens and '_'")
    return name


def address(user: str) -> str:
    """A person's address."""
    return f"{checked_name(user)}@{DOMAIN}"


@dataclass
class People:
    """Who has an account and who is in which room, with the one password of all."""

    password: str = field(default_factory=lambda: secrets.token_hex(16))
    users: set[str] = field(default_factory=set)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def new_users(self, population: Population) -> list[str]:
        """Those who have no account yet; they have from now on."""
        new = [checked_name(user) for user in dict.fromkeys(population.users) if user not in self.users]
        self.users.update(new)
        return new

    def new_groups(self, population: Population) -> dict[str, tuple[str, ...]]:
        """The groups that are not there yet; they are from now on."""
        new = {
            checked_name(name): tuple(members) for name, members in population.groups.items() if name not in self.groups
        }
        self.groups.update(new)
        return new

    def target(self, host: str, port: int) -> Target:
        """How the driver `xmpp` reaches them; it is told the groups too, since a client joins them by itself."""
        groups = json.dumps(self.groups, separators=(",", ":"))
        return Target(
            "xmpp", host, port, {"domain": DOMAIN, "rooms": ROOMS, "password": self.password, "groups": groups}
        )


def affiliations(members: Iterable[str]) -> Mapping[str, str]:
    """What each member is in a room: the first one owns it."""
    return {address(member): "member" if number else "owner" for number, member in enumerate(members)}
