"""Membership that follows the entries of a conversation, so that it need not be read again for each of them."""

import msgspec
from msgspec.structs import replace

from parley.domain.entries import Entry, Settings, Span
from parley.domain.membership import Membership
from parley.domain.records import Role


def follow(membership: Membership, entry: Entry) -> Membership:  # noqa: PLR0911 - one case per kind of entry
    """Membership after an entry. Entries that it holds already, from a store that is ahead, change nothing."""
    change = entry.change
    match entry.kind:
        case "created" if change is not None:
            members = (entry.sender, *change.members)
            opened = [(user, Role.OWNER if user == entry.sender else Role.MEMBER) for user in members]
            settings = Settings(entry.seq, group=True, title=change.title or "", open_history=bool(change.open_history))
            return _with_settings(_opened(membership, opened, entry.seq), settings)
        case "added" if change is not None:
            return _opened(membership, [(user, Role.MEMBER) for user in change.members], entry.seq)
        case "removed" if change is not None:
            return _ended(membership, frozenset(change.members), entry.seq)
        case "left":
            return _ended(membership, frozenset({entry.sender}), entry.seq)
        case "role" if change is not None and change.role is not None:
            return _with_role(membership, change.members, change.role, entry.seq)
        case "settings" if change is not None:
            return _with_settings(membership, _changed_settings(membership, entry))
        case _:
            return membership


class Audience(msgspec.Struct, frozen=True):
    """Who sees an entry whole, and who sees only that there is one, since its target is hidden from him."""

    full: frozenset[str]
    redacted: frozenset[str] = frozenset()


def audience(membership: Membership, entry: Entry) -> Audience:
    """Everybody who is to get an entry (promise G7): in one pass over the spans, however large the group is."""
    everybody = membership.recipients(entry.seq)
    if entry.target_seq is None:
        return Audience(everybody)
    seeing = _seeing(membership, entry.target_seq, entry.seq)
    return Audience(everybody & seeing, everybody - seeing)


def _seeing(membership: Membership, target_seq: int, head_seq: int) -> frozenset[str]:
    """Users whose visible ranges as of the head hold the target."""
    settings = membership.settings_at(head_seq)
    open_history = settings is not None and settings.open_history
    known = [span for span in membership.spans if span.from_seq <= head_seq]
    return frozenset(
        span.user
        for span in known
        if (open_history and _lasts(span, head_seq)) or span.joined_seq <= target_seq <= _last_seen(span, head_seq)
    )


def _lasts(span: Span, head_seq: int) -> bool:
    return span.to_seq is None or span.to_seq > head_seq


def _last_seen(span: Span, head_seq: int) -> int:
    return head_seq if span.to_seq is None else min(span.to_seq, head_seq)


def _opened(membership: Membership, users: list[tuple[str, Role]], seq: int) -> Membership:
    known = {(span.user, span.from_seq) for span in membership.spans}
    spans = [Span(user, seq, role, seq) for user, role in users if (user, seq) not in known]
    return replace(membership, spans=(*membership.spans, *spans))


def _ended(membership: Membership, users: frozenset[str], seq: int) -> Membership:
    spans = (_end(span, seq) if span.user in users else span for span in membership.spans)
    return replace(membership, spans=tuple(spans))


def _end(span: Span, seq: int) -> Span:
    if span.to_seq is not None or span.from_seq >= seq:
        return span
    return Span(span.user, span.from_seq, span.role, span.joined_seq, seq)


def _with_role(membership: Membership, users: tuple[str, ...], role: Role, seq: int) -> Membership:
    known = {(span.user, span.from_seq) for span in membership.spans}
    held = {span.user: span for span in membership.spans if span.from_seq < seq and _lasts(span, seq - 1)}
    opened = [
        Span(user, seq, role, held[user].joined_seq) for user in users if user in held and (user, seq) not in known
    ]
    ended = _ended(membership, frozenset(users), seq)
    return replace(ended, spans=(*ended.spans, *opened))


def _changed_settings(membership: Membership, entry: Entry) -> Settings:
    old = membership.settings_at(entry.seq - 1) or Settings(entry.seq, group=True)
    change = entry.change
    title = old.title if change is None or change.title is None else change.title
    opened = old.open_history if change is None or change.open_history is None else change.open_history
    return Settings(entry.seq, group=old.group, title=title, open_history=opened)


def _with_settings(membership: Membership, settings: Settings) -> Membership:
    if any(known.from_seq == settings.from_seq for known in membership.settings):
        return membership
    return replace(membership, settings=(*membership.settings, settings))
