"""Profiles for a gateway, which has no access to the store: it asks chat."""

from collections.abc import Sequence
from typing import Final

import msgspec
from typing_extensions import override

from parley.adapters.http.internal_port import InternalPort, unanswered
from parley.contract import PROFILES_PATH
from parley.ports.profiles import Profile, ProfileReader

_DECODER: Final = msgspec.msgpack.Decoder(dict[str, Profile])


class HttpProfiles(ProfileReader):
    """Raises ParleyError UNAVAILABLE when chat does not answer."""

    def __init__(self, port: InternalPort) -> None:
        """Ask over this connection."""
        self._port = port

    @override
    async def profiles(self, users: Sequence[str]) -> dict[str, Profile]:
        if not users:
            return {}
        answer = await self._port.ask(PROFILES_PATH, users, harmless=True)
        try:
            return _DECODER.decode(answer)
        except msgspec.DecodeError as error:
            raise unanswered(f"answered what this gateway cannot read: {error}") from None
