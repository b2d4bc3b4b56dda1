"""Accounts, access tokens and rooms on Synapse, made faster than one by one over its own interface."""

import http.client
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from e2e.bench.contract import Direct, Group, Place
from e2e.bench.drivers import matrix_wire as wire

_AT_ONCE: Final = 8
_CALL_S: Final = 120.0
_OK, _BAD_REQUEST = 200, 400


def accounts_sql(users: Sequence[str], secret: str, now: int) -> str:
    """Rows as registration and login leave them, for whoever has none: a hash of every password would take hours."""
    people = [{"name": wire.user_id(user), "local": user, "token": wire.token_of(secret, user)} for user in users]
    listed = json.dumps(people).replace("'", "''")
    return f"""
        CREATE TEMPORARY TABLE people ON COMMIT DROP AS
            SELECT * FROM json_to_recordset('{listed}') AS found(name text, local text, token text)
            WHERE name NOT IN (SELECT name FROM users);
        INSERT INTO users (name, creation_ts, admin, is_guest, shadow_banned, approved)
            SELECT name, {now}, 0, 0, false, true FROM people;
        INSERT INTO profiles (user_id, full_user_id, displayname) SELECT local, name, local FROM people;
        INSERT INTO devices (user_id, device_id, display_name, hidden) SELECT name, 'BENCH', 'bench', false FROM people;
        INSERT INTO access_tokens (id, user_id, device_id, token, last_validated, used)
            SELECT (SELECT coalesce(max(id), 0) FROM access_tokens) + row_number() OVER (), name, 'BENCH', token,
                {now}, true FROM people;
        """  # noqa: S608 - our own names, and quoted


class Rooms:
    """Makes the rooms of conversations and lets their people in; who is in already stays."""

    def __init__(self, host: str, port: int, secret: str) -> None:
        """Ask the server at this address."""
        self._address = (host, port)
        self._secret = secret

    def make_groups(self, groups: Mapping[str, Sequence[str]]) -> None:
        """Make those of all groups; the first member owns the room."""
        for name, members in groups.items():
            room = self._room(Group(name), members[0], None)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(lambda member, room=room: self._join(member, room), members[1:]))

    def make_pairs(self, pairs: Sequence[Direct]) -> None:
        """Make those of all pairs."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._make_pair, pairs))

    def _make_pair(self, pair: Direct) -> None:
        self._join(pair.second, self._room(pair, pair.first, pair.second))

    def _room(self, place: Place, owner: str, invited: str | None) -> str:
        requests = self._requests_of(owner)
        status, body = self._call(requests.create(place, invited))
        if status == _BAD_REQUEST and b"M_ROOM_IN_USE" in body:
            status, body = self._call(requests.find(place))
        return wire.named(_accepted(status, body, f"the room of {place}")).room_id

    def _join(self, member: str, room: str) -> None:
        _accepted(*self._call(self._requests_of(member).join(room)), f"that {member} joins a room")

    def _requests_of(self, user: str) -> wire.Requests:
        return wire.Requests(*self._address, wire.token_of(self._secret, user))

    def _call(self, request: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self._address, timeout=_CALL_S)
        try:
            connection.connect()
            connection.sock.sendall(request)
            response = http.client.HTTPResponse(connection.sock)
            response.begin()
            return response.status, response.read()
        finally:
            connection.close()


def _accepted(status: int, body: bytes, what: str) -> bytes:
    if status != _OK:
        raise RuntimeError(f"Synapse refused {what}: {status} {body.decode(errors='replace')[:300]}")
    return body
