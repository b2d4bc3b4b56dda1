"""The embedded memory of keys asks its store for what was before it."""

from parley.adapters.connect import connect
from parley.ports.recent_keys import KEY_SEPARATOR
from parley.runtime.settings import load_settings
from tests.ports.rows import CONVERSATION, commit, entry, send


async def test_g4_a_key_that_is_stored_already_is_not_new() -> None:
    url = "sqlite::memory:"
    backends = await connect(load_settings(log_url=url, store_url=url, registry_url="memory:"))
    await backends.writer.commit([commit(entry(1, 3), sends=(send(3, 1, "old"),))])
    keys = [KEY_SEPARATOR.join((CONVERSATION, "ann", key)) for key in ("old", "fresh")]
    assert await backends.recent_keys.remember(keys) == [False, True]
    await backends.close()


async def test_without_the_hint_every_key_is_new_so_that_only_marked_retries_count() -> None:
    url = "sqlite::memory:"
    settings = load_settings(log_url=url, store_url=url, registry_url="memory:", dedupe_hint=False)
    backends = await connect(settings)
    key = KEY_SEPARATOR.join((CONVERSATION, "ann", "again"))
    assert [await backends.recent_keys.remember([key]) for _ in range(2)] == [[True], [True]]
    await backends.close()
