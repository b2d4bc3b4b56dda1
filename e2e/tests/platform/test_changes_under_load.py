"""Planned changes while 2,000 sockets are open and people write: nobody is cut off, seen offline, or loses anything."""

import asyncio
from functools import partial

import pytest

from e2e.installation.first_message import EXAMPLE_KEY
from e2e.tests.operator.chat_clusters import Watched
from e2e.tests.operator.crowd import Crowd
from e2e.tests.platform.conftest import settled
from e2e.tests.platform.people import People

pytestmark = [pytest.mark.cluster, pytest.mark.servers, pytest.mark.slow]
SOCKETS = 2000
QUICK_DRAIN = {"ratePerSecond": 100, "initialDelaySeconds": 1}
REQUESTS = {"requests": {"cpu": "20m"}}


async def test_gateways_are_updated_scaled_out_and_in(chat: Watched, url: str) -> None:
    await asyncio.to_thread(chat.patch, {"components": {"gateway": {"drain": QUICK_DRAIN}}})
    await asyncio.to_thread(settled, chat)
    async with Crowd(url, EXAMPLE_KEY, SOCKETS, name="open") as crowd, People(url, EXAMPLE_KEY, "planned") as people:
        await crowd.until_all()
        crowd.cut.clear()
        # Another setting is a rolling update; it goes pod by pod, each of which sends its clients away first.
        await asyncio.to_thread(chat.patch, {"limits": {"textBytes": 15000}})
        await asyncio.to_thread(settled, chat)
        await people.acknowledged(20)
        for count in (3, 2):
            await asyncio.to_thread(chat.patch, {"components": {"gateway": {"replicas": count}}})
            await asyncio.to_thread(settled, chat)
            await chat.until_async(f"{count} gateways", partial(_has, chat, count))
            await people.acknowledged(20)
        await crowd.until_all()
    print(f"not let in at first: {dict(crowd.refused)}")
    people.check()
    assert not crowd.cut, f"{len(crowd.cut)} connections were cut without being asked to leave: {crowd.cut[:3]}"
    assert not people.flaps, f"nobody left, and yet these were shown offline: {people.flaps}"


async def test_an_autoscaler_follows_the_processors_of_the_chat_service(chat: Watched, url: str) -> None:
    """With Kubernetes' own metrics: more pods while people write much, and nothing is lost when they come and go."""
    scaling = {"mode": "hpa", "minReplicas": 1, "maxReplicas": 3, "targetCpuPercent": 30}
    component = {"autoscaling": scaling, "resources": REQUESTS}
    await asyncio.to_thread(chat.patch, {"components": {"chat": component}})
    async with People(url, EXAMPLE_KEY, "scaled", count=8) as people:
        await chat.until_async("the autoscaler asks for more", lambda: _wanted(chat) == 3)
        await asyncio.to_thread(settled, chat)
        await people.acknowledged(50)
        none = {"autoscaling": {"mode": "none", "maxReplicas": None}}
        await asyncio.to_thread(chat.patch, {"components": {"chat": none}})
        await chat.until_async("the autoscaler is gone", lambda: _wanted(chat) == 2)
        await asyncio.to_thread(settled, chat)
    people.check()


def _wanted(chat: Watched) -> int:
    return int(chat.child("deployment", "chat")["spec"]["replicas"])


def _has(chat: Watched, count: int) -> bool:
    return len(chat.pods("gateway")) == count
