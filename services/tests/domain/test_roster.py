"""G7: the membership that the fanout follows from entries is the one that the fold wrote."""

import random

import msgspec
import pytest

from parley.domain.entries import Settings, Span
from parley.domain.fold import Sequenced
from parley.domain.membership import Membership, can_see
from parley.domain.records import AddMembers, AnyBody, ChangeSettings, Leave, RemoveMember, Role, SetRole
from parley.domain.roster import audience, follow
from tests.domain.folding import GROUP, Folding, group_of, post

USERS = ("ann", "bob", "cho", "dan")


def random_log(chance: random.Random) -> list[tuple[str, AnyBody]]:
    log: list[tuple[str, AnyBody]] = [group_of("bob")]
    for _ in range(40):
        user = chance.choice(USERS)
        bodies: list[AnyBody] = [
            post(), AddMembers((user,)), RemoveMember(user), Leave(), SetRole(user, chance.choice(list(Role))),
            ChangeSettings(open_history=chance.random() < 0.5),
        ]  # fmt: skip
        log.append((chance.choice(USERS), chance.choice(bodies)))
    return log


@pytest.mark.parametrize("seed", range(60))
def test_g7_membership_followed_from_entries_is_what_the_fold_wrote(seed: int) -> None:
    group, followed = Folding(GROUP), Membership()
    spans: dict[tuple[str, int], Span] = {}
    settings: dict[int, Settings] = {}
    for sender, body in random_log(random.Random(seed)):
        outcome = group.fold(sender, body)
        if not isinstance(outcome, Sequenced):
            continue
        for span in outcome.effects.spans:
            spans[span.user, span.from_seq] = span
        if outcome.effects.settings:
            settings[outcome.effects.settings.from_seq] = outcome.effects.settings
        followed = follow(followed, outcome.entry)
        written = Membership(tuple(spans.values()), tuple(settings.values()))
        head = group.state.head.seq
        assert followed.current(head) == written.current(head)
        for user in USERS:
            assert followed.visible(user, head) == written.visible(user, head)
        assert follow(followed, outcome.entry).visible("bob", head) == written.visible("bob", head)


@pytest.mark.parametrize("seed", range(30))
def test_g7_the_audience_of_a_change_sees_its_target_or_only_that_there_is_one(seed: int) -> None:
    group, membership = Folding(GROUP), Membership()
    for sender, body in random_log(random.Random(seed)):
        outcome = group.fold(sender, body)
        if isinstance(outcome, Sequenced):
            membership = follow(membership, outcome.entry)
    head = group.state.head.seq
    for target in range(1, head):
        newest = msgspec.structs.replace(group.entries[head], kind="reaction", target_seq=target)
        who = audience(membership, newest)
        assert who.full | who.redacted == membership.recipients(head)
        assert all(can_see(membership.visible(user, head), target) for user in who.full)
        assert not any(can_see(membership.visible(user, head), target) for user in who.redacted)
