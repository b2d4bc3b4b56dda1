"""What no watch told is found by listing again, and only what differs is read."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_api_server import MemoryApiServer
from test_cache import QUICK, body
from typing_extensions import override

from parley_operator.desired.names import INSTANCE, MANAGER
from parley_operator.kube.errors import KubeError
from parley_operator.kube.port import Manifest
from parley_operator.kube.resources import CHAT_CLUSTERS, CONFIG_MAPS, SERVICES, Resource
from parley_operator.reconcile.cache import ChildCache, owner_key
from parley_operator.reconcile.queue import Key
from parley_operator.watch.liveness import ToldKubernetes, WatchLiveness
from parley_operator.watch.news import ClusterNews
from parley_operator.watch.relist import Relist

NAMES: Final = ("a", "b", "c")
OTHERS: Final = "somebody"


class Server(MemoryApiServer):
    """Objects as they are; `read` are those that were asked for one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[tuple[str, str, str], Manifest] = {}
        self.read: list[str] = []
        self.listing: Callable[[Resource], None] = lambda _: None

    def put(self, name: str, *, owner: str | None = "chat", ours: bool = True, **more: Any) -> Manifest:
        self.version += 1
        labels = {MANAGER: "parley-operator" if ours else OTHERS, **({INSTANCE: owner} if owner else {})}
        kind = more.pop("kind", "ConfigMap")
        uid = more.pop("uid", f"uid-{self.version}")
        made = body(self.version, uid, kind=kind, metadata={"name": name, "labels": labels}, **more)
        self.bodies[kind, "talk", name] = made
        return made

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        self.read.append(name)
        return self.bodies.get((resource.kind, namespace or "", name))

    @override
    async def list_all(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        found = [
            {**each, "metadata": dict(each["metadata"])}
            for (kind, place, _), each in self.bodies.items()
            if kind == resource.kind and namespace in {None, place}
            if not labels or each["metadata"]["labels"].get(MANAGER) == labels.partition("=")[2]
        ]
        self.listing(resource)
        return found


class World:
    """A server, what the watches told of it, and who was told of a difference."""

    def __init__(self, namespaces: tuple[str, ...] = ()) -> None:
        self.server, self.cache, self.news = Server(), ChildCache(), ClusterNews()
        self.told: list[Key] = []
        self.relist = Relist(self.server, self.cache, self.news, namespaces, self.told.append)

    def hear(self) -> None:
        """The watches tell everything."""
        for each in self.server.bodies.values():
            self.cache.update(each)


CHANGES: Final = ("nothing", "changed", "made anew", "given away", "let go", "deleted")


def _happens(server: Server, name: str, change: str) -> None:
    """What may happen to an object while its watch is deaf."""
    uid = server.bodies["ConfigMap", "talk", name]["metadata"]["uid"]
    match change:
        case "changed":
            server.put(name, uid=uid, data={"new": "1"})
        case "made anew":
            server.put(name)
        case "given away":
            server.put(name, uid=uid, owner="other")
        case "let go":
            server.put(name, uid=uid, ours=False)
        case "deleted":
            del server.bodies["ConfigMap", "talk", name]
        case _:
            pass


@QUICK
@given(st.lists(st.sampled_from(CHANGES), min_size=len(NAMES), max_size=len(NAMES)), st.booleans())
async def test_whatever_the_watches_missed_is_known_after_one_look_and_only_that_is_read(
    changes: list[str],
    new: bool,  # noqa: FBT001
) -> None:
    world = World()
    for name in NAMES:
        world.server.put(name)
    world.hear()
    for name, change in zip(NAMES, changes, strict=True):
        _happens(world.server, name, change)
    if new:
        world.server.put("new")
    await world.relist.look(CONFIG_MAPS)
    known = {
        (key, ref[1]): state.resource_version for (key, ref), state in world.cache.of_kind("ConfigMap", None).items()
    }
    there = {
        (owner_key(each), name): each["metadata"]["resourceVersion"]
        for (_, _, name), each in world.server.bodies.items()
        if each["metadata"]["labels"][MANAGER] != OTHERS
    }
    assert known == there
    touched = {name for name, change in zip(NAMES, changes, strict=True) if change != "nothing"}
    assert set(world.server.read) == touched | ({"new"} if new else set())
    expected = {("talk", "chat")} if touched or new else set()
    expected |= {("talk", "other")} if "given away" in changes else set()
    assert set(world.told) == expected


async def test_what_is_made_while_the_list_is_read_is_not_taken_for_gone() -> None:
    world = World()

    def made(_: Resource) -> None:
        world.cache.update(world.server.put("late"))

    world.server.listing = made
    await world.relist.look(CONFIG_MAPS)
    assert [ref[1] for _, ref in world.cache.of_kind("ConfigMap", None)] == ["late"]
    assert not world.server.read


async def test_what_was_made_anew_while_the_list_was_read_stays_when_the_look_at_it_finds_it_gone() -> None:
    world = World()
    world.server.put("x")
    world.hear()
    world.server.bodies.clear()

    def anew(_: Resource) -> None:
        made = world.server.put("x")
        world.cache.update(made)
        world.server.bodies.clear()  # the answer that comes next is older than what the watch told

    world.server.listing = anew
    await world.relist.look(CONFIG_MAPS)
    assert len(world.cache.of_kind("ConfigMap", None)) == 1
    assert not world.told


async def test_only_the_own_namespaces_are_looked_into() -> None:
    world = World(("elsewhere",))
    world.server.put("x")
    await world.relist.look(CONFIG_MAPS)
    assert not world.server.read


def _cluster(name: str, uid: str = "1", generation: int = 1, **more: Any) -> Manifest:
    metadata = {"name": name, "namespace": "talk", "uid": uid, "generation": generation, "labels": {}, **more}
    return {"kind": "ChatCluster", "metadata": metadata}


@pytest.mark.parametrize(
    "now",
    [
        _cluster("chat", generation=2),
        _cluster("chat", uid="2"),
        _cluster("chat", deletionTimestamp="now"),
        _cluster("other"),
    ],
)
async def test_a_chat_cluster_that_was_made_changed_or_deleted_without_a_word_is_looked_at_once(now: Manifest) -> None:
    world = World()
    assert world.news.told(_cluster("chat")) == ("talk", "chat")
    world.server.bodies["ChatCluster", "talk", now["metadata"]["name"]] = now
    await world.relist.look(CHAT_CLUSTERS)
    gone = [("talk", "chat")] if now["metadata"]["name"] != "chat" else []
    assert world.told == [("talk", now["metadata"]["name"]), *gone]
    await world.relist.look(CHAT_CLUSTERS)
    assert len(world.told) == 1 + len(gone), "what was found is known"


def test_a_status_of_a_chat_cluster_is_no_news() -> None:
    news = ClusterNews()
    news.told(_cluster("chat", resourceVersion="1"))
    assert news.told(_cluster("chat", resourceVersion="2")) is None
    assert news.told(_cluster("chat"), deleted=True) == ("talk", "chat")
    assert news.told(_cluster("chat")) == ("talk", "chat")
    assert news.known("talk") == news.known() == {("talk", "chat")}
    assert news.known("elsewhere") == set()


async def test_a_kind_that_cannot_be_listed_keeps_no_other_from_being_and_is_tried_again() -> None:
    world = World()
    asked: list[str] = []
    enough = asyncio.Event()

    def refused(resource: Resource) -> None:
        asked.append(resource.kind)
        if len(asked) == 4:
            enough.set()
        raise KubeError(503, "GET", "not now")

    world.server.listing = refused
    running = asyncio.create_task(world.relist.run((CONFIG_MAPS, SERVICES), 0.001))
    await enough.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert asked[:4] == ["ConfigMap", "Service", "ConfigMap", "Service"]


async def test_what_is_found_is_owed_by_the_watch_that_did_not_tell() -> None:
    world = World()
    made = world.server.put("x")
    watches = WatchLiveness((CONFIG_MAPS,))
    told = ToldKubernetes(world.server, watches, lambda: 10.0)
    watches.heard(CONFIG_MAPS, made)
    await Relist(told, world.cache, world.news, (), world.told.append).look(CONFIG_MAPS)
    assert not watches.owed_s(20.0), "the watch had told"
    world.server.put("x", uid=made["metadata"]["uid"])
    await Relist(told, world.cache, world.news, (), world.told.append).look(CONFIG_MAPS)
    assert watches.owed_s(20.0) == 10.0
