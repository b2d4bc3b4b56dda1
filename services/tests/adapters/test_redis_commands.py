"""Many commands at once, on every form of Redis."""

import pytest

from parley.adapters.redis.address import parse_address
from parley.adapters.redis.commands import Command, Commands
from parley.adapters.redis.connection import RedisAccess, make_client
from parley.domain.errors import ErrorCode, ParleyError
from tests.engines import cluster_redis, engines, sentinel_redis

READ = "return redis.call('GET', KEYS[1])"
FORMS = {
    "standalone": lambda: engines().registry_url,
    "Sentinel": lambda: sentinel_redis().url,
    "cluster": lambda: cluster_redis().url,
}


def commands_on(url: str) -> Commands:
    address = parse_address(url)
    return Commands(make_client(RedisAccess(url), address, 5.0), address.text, "test:")


@pytest.mark.servers
@pytest.mark.parametrize("form", FORMS)
async def test_commands_on_one_key_keep_their_order_scripts_included(form: str) -> None:
    commands = commands_on(FORMS[form]())
    keys = [commands.key(form, str(number)) for number in range(20)]
    try:
        for value in range(20):
            asked: list[Command] = []
            for key in keys:
                asked += [("SET", key, value), ("EVAL", READ, 1, key), ("SET", key, "later")]
            answers = await commands.many(asked)
            assert [int(answer) for answer in answers[1::3]] == [value] * len(keys)
    finally:
        await commands.close()


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:1",
        "redis+sentinel://127.0.0.1:1/parley",
        "redis+cluster://127.0.0.1:1",
        "rediss://127.0.0.1:1",
    ],
)
async def test_a_server_that_is_not_there_is_named(url: str) -> None:
    commands = commands_on(url)
    try:
        with pytest.raises(ParleyError, match=r"Redis at 127\.0\.0\.1:1 cannot be used now") as caught:
            await commands.one("PING")
    finally:
        await commands.close()
    assert caught.value.code is ErrorCode.UNAVAILABLE


@pytest.mark.parametrize(
    "url",
    [
        "redis://", "redis://host", "redis://user:secret@host:6379", "redis+sentinel://host:1", "redis://host:1/x",
        "redis+cluster://host:1/0", "redis://host:1,other:1", "http://host:1",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_with_the_setting_and_what_is_allowed(url: str) -> None:
    with pytest.raises(ParleyError, match=r"PARLEY_REGISTRY_URL is .* allowed are redis://HOST:PORT") as caught:
        parse_address(url)
    assert caught.value.field == "registry_url"
