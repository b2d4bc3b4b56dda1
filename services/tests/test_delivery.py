"""G5: a message runs through every stage without waiting for any timer."""

import asyncio
from pathlib import Path

from parley.client import ParleyClient
from tests.platform import Platform

MESSAGES = 60
SHORTEST_POLL_S = 0.5
"""Consumers poll for so long when nothing comes; a stage that waited for that would double the time allowed below."""


async def test_g5_an_online_recipient_is_reached_without_waiting_for_a_poll(tmp_path: Path) -> None:
    platform = await asyncio.to_thread(Platform(tmp_path / "data", {"PARLEY_LOG_LEVEL": "error"}).start)
    try:
        async with (
            ParleyClient(platform.url, platform.token("ann"), listen=False) as ann,
            ParleyClient(platform.url, platform.token("bob"), start="beginning") as bob,
        ):
            received = bob.messages()
            async with asyncio.timeout(MESSAGES * SHORTEST_POLL_S):
                for number in range(MESSAGES):
                    await ann.send(f"{number}", to="bob")
                    message = await anext(received)
                    assert message.entry.content is not None
                    assert message.entry.content.text == f"{number}"
    finally:
        platform.kill()
