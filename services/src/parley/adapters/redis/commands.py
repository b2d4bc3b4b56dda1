"""Many commands in one round trip, on a single server and on a cluster alike."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, TypeAlias

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
)

from parley.domain.errors import ErrorCode, ParleyError

Command: TypeAlias = tuple[Any, ...]
"""A command's name and its arguments; the first key decides to which server of a cluster it goes."""

_SCRIPT: Final = "EVAL"
_KEYS_AT_ONCE: Final = 32


class Commands:
    """Sends commands; every error is ParleyError UNAVAILABLE. Commands on one key in one call keep their order."""

    def __init__(self, client: Redis | RedisCluster, address: str, prefix: str) -> None:
        """`address` is for messages, `prefix` begins every key."""
        self._client = client
        self._address = address
        self._prefix = prefix

    def key(self, *parts: str) -> str:
        """The name of a key of this installation."""
        return self._prefix + ":".join(parts)

    async def one(self, *command: Any) -> Any:  # noqa: ANN401 - as Redis answers
        """Send one command and return its answer."""
        async with self._translated():
            return await self._client.execute_command(*command)

    async def many(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together and return their answers in order; not a transaction."""
        if not commands:
            return []
        if len(commands) == 1:
            return [await self.one(*commands[0])]
        async with self._translated():
            if isinstance(self._client, RedisCluster) and any(command[0] == _SCRIPT for command in commands):
                return await self._key_by_key(commands)
            pipeline = self._client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            answers: list[Any] = await pipeline.execute()
            return answers

    async def _key_by_key(self, commands: Sequence[Command]) -> list[Any]:
        """For a cluster, whose pipeline takes no scripts: some keys at once, the commands on one key in their order.

        Each key that is under way takes a connection, and a server has only so many.
        """
        by_key: dict[str, list[int]] = defaultdict(list)
        for number, command in enumerate(commands):
            by_key[_key_of(command)].append(number)
        answers: list[Any] = [None] * len(commands)

        waiting = iter(by_key.values())

        async def send() -> None:
            for numbers in waiting:
                for number in numbers:
                    answers[number] = await self._client.execute_command(*commands[number])

        await asyncio.gather(*(send() for _ in range(min(len(by_key), _KEYS_AT_ONCE))))
        return answers

    async def close(self) -> None:
        """End the connections."""
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    @contextlib.asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            if isinstance(self._client, RedisCluster):
                # Commands that come while the nodes are being learned would lose their connections (redis-py 8.1).
                await self._client.initialize()
            yield
        except AttributeError as error:
            # The same, while the nodes are learned again after a change of the cluster.
            if not isinstance(self._client, RedisCluster):
                raise
            raise ParleyError(ErrorCode.UNAVAILABLE, f"Redis at {self._address} {_meaning(error)}") from error
        except (RedisError, RedisClusterException, OSError, TimeoutError) as error:
            raise ParleyError(ErrorCode.UNAVAILABLE, f"Redis at {self._address} {_meaning(error)}") from None


def _key_of(command: Command) -> str:
    """EVAL has its script and the number of keys before the key."""
    return str(command[3] if command[0] == _SCRIPT else command[1])


def _meaning(error: Exception) -> str:
    if isinstance(error, AuthenticationError):
        return "refuses the user or password: check PARLEY_REGISTRY_USER and PARLEY_REGISTRY_PASSWORD"
    if isinstance(error, NoPermissionError):
        return f"does not let this user do that ({error}): give it all commands on the keys with our prefix"
    if isinstance(error, OutOfMemoryError):
        return "has no memory left: give it more"
    if isinstance(error, ReadOnlyError):
        return "is a replica: name the master, or use redis+sentinel:// to find it"
    return f"cannot be used now ({str(error) or type(error).__name__}): check that it runs and can be reached"
