"""Who is served when more ask than can be served, under any order of coming, ending and giving up."""

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.turns import STANDING_S, Turns

STEPS = st.lists(st.tuples(st.sampled_from(["come", "come", "end", "leave"]), st.floats(0, 1), st.integers(0, 50)))


class World:
    """Plays a schedule, and remembers what became of everybody."""

    def __init__(self, places: int, room: int) -> None:
        self.turns: Turns[int] = Turns(places, room)
        self.now = 0.0
        self.came = 0
        self.served: list[int] = []
        self.turned_away: list[int] = []
        self.left: list[int] = []
        self.waiting: list[int] = []

    def come(self) -> None:
        who, self.came = self.came, self.came + 1
        arrival = self.turns.come(who, self.now)
        if arrival.begins:
            self.served.append(who)
            return
        self.waiting.append(who)
        if arrival.turned_away is not None:
            assert arrival.turned_away == self.waiting.pop(0), "whoever waited longest is turned away"
            self.turned_away.append(arrival.turned_away)

    def end(self) -> None:
        if self.turns.taken:
            following = self.turns.end(self.now)
            if following is not None:
                self.waiting.remove(following)
                self.served.append(following)

    def leave(self, number: int) -> None:
        if self.waiting:
            who = self.waiting.pop(number % len(self.waiting))
            assert self.turns.leave(who)
            assert not self.turns.leave(who)
            self.left.append(who)

    def play(self, steps: list[tuple[str, float, int]]) -> None:
        for kind, seconds, number in steps:
            self.now += seconds
            if kind == "leave":
                self.leave(number)
            else:
                getattr(self, kind)()
            check(self)


def check(world: World) -> None:
    assert world.turns.waiting == len(world.waiting)
    fates = [*world.served, *world.turned_away, *world.left, *world.waiting]
    assert sorted(fates) == list(range(world.came)), "everybody has exactly one fate"


@given(st.integers(1, 5), st.integers(0, 5), STEPS)
def test_limits_hold_and_nobody_waits_beside_a_free_place(
    places: int, room: int, steps: list[tuple[str, float, int]]
) -> None:
    world = World(places, room)
    for step in steps:
        world.play([step])
        assert world.turns.taken <= places
        assert world.turns.waiting <= room
        assert world.turns.taken == places or world.turns.waiting == 0


@given(st.integers(1, 5), st.integers(1, 5), STEPS)
def test_when_nobody_comes_any_more_everybody_who_still_waits_is_served(
    places: int, room: int, steps: list[tuple[str, float, int]]
) -> None:
    world = World(places, room)
    world.play(steps)
    while world.turns.taken:
        world.end()
    assert world.waiting == []
    assert len(world.served) + len(world.turned_away) + len(world.left) == world.came


def test_a_burst_is_served_in_its_order_and_a_queue_that_stands_from_its_end() -> None:
    world = World(1, 10)
    for _ in range(5):
        world.come()
    world.end()
    assert world.served == [0, 1]
    world.now = STANDING_S
    world.end()
    world.end()
    assert world.served == [0, 1, 4, 3]


def test_with_no_room_whoever_finds_no_place_is_turned_away_at_once() -> None:
    turns: Turns[str] = Turns(1, 0)
    assert turns.come("ann", 0.0).begins
    assert turns.come("bob", 0.0).turned_away == "bob"
