// What a client knows of one conversation. Pure: frames go in, what is new comes out.
import { pendingItem, shownItem, systemItem } from "./items.js";
import { Timeline } from "./timeline.js";

const PARKED_ENTRIES = 1000;

/** Everything up to `cursor` was seen or passed over; entries beyond a hole are parked until it is filled. */
export class Conversation {
  constructor(id, me) {
    this.id = id;
    this.me = me;
    this.cursor = 0;
    this.visible = 0;
    this.begun = false;
    this.described = false;
    this.kind = "direct";
    this.title = "";
    this.peer = null;
    this.role = null;
    this.memberCount = 0;
    this.openHistory = false;
    this.read = 0;
    this.unread = 0;
    this.counted = 0;
    this.ownSeq = 0;
    this.lastMessageAt = null;
    this.watermarks = new Map();
    this.counts = null;
    this.typing = new Set();
    this.timeline = new Timeline();
    this.parked = new Map();
    this.pending = [];
    this.shown = null;
  }

  get head() { return this.visible; }

  get hasOlder() { return this.timeline.hasOlder; }

  /** What is shown: messages and system entries in order, then what waits to be sent. */
  get items() {
    this.shown ??= [
      ...this.timeline.entries().map((row) =>
        row.kind === "message" ? shownItem(row, this.timeline.shown(row), this.statusOf(row.seq)) : systemItem(row)),
      ...this.pending.map((change) => pendingItem(change, this.me)),
    ];
    return this.shown;
  }

  /** Take a view: what only moves forward moves forward. */
  describe(view) {
    this.described = true;
    this.kind = view.kind;
    this.title = view.title ?? "";
    this.peer = view.peer ?? null;
    this.role = view.role ?? null;
    this.memberCount = view.member_count ?? 0;
    this.openHistory = view.open_history ?? false;
    this.visible = Math.max(this.visible, view.visible);
    this.read = Math.max(this.read, view.read ?? 0);
    if (view.visible >= this.counted) [this.unread, this.counted] = [view.unread ?? 0, view.visible];
    if (this.read >= this.visible) this.unread = 0;
    this.lastMessageAt = later(this.lastMessageAt, view.last_message_at ?? null);
    this.mark(view.watermarks ?? {});
  }

  /** Everything up to `cursor` is of no interest, or was told already. */
  beginAt(cursor) {
    if (!this.begun) this.timeline.reset(cursor + 1, cursor > 0);
    this.cursor = Math.max(this.cursor, cursor);
    this.begun = true;
  }

  /** Take a pushed entry: returns ["known" | "applied" | "ahead", the entries that are new now, in order]. */
  push(entry) {
    if (this.begun && entry.seq <= this.cursor) return ["known", []];
    this.visible = Math.max(this.visible, entry.seq);
    if (!this.begun && begins(entry, this.me)) this.beginAt(entry.seq - 1);
    if (!this.begun || entry.seq > this.cursor + 1) {
      if (this.parked.size < PARKED_ENTRIES) this.parked.set(entry.seq, entry);
      return ["ahead", []];
    }
    return ["applied", [this.#apply(entry), ...this.#unpark()]];
  }

  /** Take the page after the cursor; returns what is new, in order. */
  takeAfter(page) {
    if (!this.begun) this.beginAt(page.first - 1);
    return this.#take(page.messages ?? [], page.last, page.head);
  }

  /** Take the newest entries of a view, and pass over whatever lies in an open gap before them. */
  takeNewest(view) {
    const messages = view.messages ?? [];
    if (!this.begun || (view.gaps ?? []).some((gap) => !gap.closed)) {
      const first = messages.length > 0 ? messages[0].seq : view.visible + 1;
      this.passOver(first, first > 1);
    }
    return this.#take(messages, view.visible, view.visible);
  }

  /** Take the newest page after having been away for long. */
  takeNewestPage(page) {
    this.passOver(page.first, page.more ?? false);
    return this.#take(page.messages ?? [], page.last, page.head);
  }

  /** Go on at a seq; what is before it is asked for when somebody wants it. */
  passOver(first, older) {
    this.timeline.reset(first, older);
    this.cursor = Math.max(this.cursor, first - 1);
    this.begun = true;
  }

  /** Raise marks: {user: {delivered, read}}; one's own come from other devices. */
  mark(watermarks) {
    for (const [user, { delivered = 0, read = 0 }] of Object.entries(watermarks)) {
      if (user === this.me) {
        this.readUpTo(read);
        continue;
      }
      const known = this.watermarks.get(user) ?? { delivered: 0, read: 0 };
      const reached = Math.max(known.read, read);
      this.watermarks.set(user, { delivered: Math.max(known.delivered, delivered, reached), read: reached });
    }
    this.touch();
  }

  /** In large groups: how many received and read the message of one seq. */
  count(counts) {
    for (const [seq, { delivered = 0, read = 0 }] of Object.entries(counts)) {
      if (Number(seq) >= (this.counts?.seq ?? 0)) this.counts = { seq: Number(seq), delivered, read };
    }
    this.touch();
  }

  /** Raise one's own read mark. */
  readUpTo(seq) {
    if (seq <= this.read) return;
    this.read = seq;
    if (seq >= this.visible) this.unread = 0;
  }

  /** Whether marks matter that may have moved while there was no connection. */
  waitsForMarks() {
    if (this.unread > 0) return true;
    const reached = [...this.watermarks.values()].filter((mark) => mark.read >= this.ownSeq);
    return this.ownSeq > 0 && reached.length < Math.max(1, (this.described ? this.memberCount : 2) - 1);
  }

  /** How far one's own message at `seq` got. */
  statusOf(seq) {
    const others = this.kind === "direct" ? 1 : Math.max(1, this.memberCount - 1);
    const marks = [...this.watermarks.values()];
    const counted = this.counts && seq <= this.counts.seq ? this.counts : { delivered: 0, read: 0 };
    if (Math.max(counted.read, marks.filter((mark) => mark.read >= seq).length) >= others) return "read";
    const delivered = marks.filter((mark) => mark.delivered >= seq).length;
    return Math.max(counted.delivered, delivered) >= others ? "delivered" : "sent";
  }

  /** What is shown must be made again. */
  touch() {
    this.shown = null;
  }

  #take(entries, last, head) {
    const fresh = entries.filter((entry) => entry.seq > this.cursor).map((entry) => this.#apply(entry));
    this.cursor = Math.max(this.cursor, last);
    this.visible = Math.max(this.visible, head);
    return [...fresh, ...this.#unpark()];
  }

  #apply(entry) {
    this.cursor = entry.seq;
    this.visible = Math.max(this.visible, entry.seq);
    this.timeline.hold(entry);
    this.touch();
    if (entry.kind === "message") {
      this.lastMessageAt = later(this.lastMessageAt, entry.created_at);
      this.typing.delete(entry.sender);
      if (entry.sender === this.me) this.ownSeq = Math.max(this.ownSeq, entry.seq);
      else if (entry.seq > Math.max(this.read, this.counted)) this.unread += 1;
    }
    this.counted = Math.max(this.counted, entry.seq);
    this.#follow(entry);
    return entry;
  }

  /** Keep what lists show of members and settings in step with the entries that change them. */
  #follow(entry) {
    const members = entry.members ?? [];
    const concernsMe = members.includes(this.me);
    if (entry.kind === "added") {
      this.memberCount += members.length;
      if (concernsMe) this.role = "member";
    } else if (entry.kind === "removed" || entry.kind === "left") {
      this.memberCount = Math.max(0, this.memberCount - 1);
      if (concernsMe || (entry.kind === "left" && entry.sender === this.me)) this.role = null;
    } else if (entry.kind === "role" && concernsMe) this.role = entry.role;
    else if (entry.kind === "settings") {
      this.title = entry.title ?? this.title;
      this.openHistory = entry.open_history ?? this.openHistory;
    }
  }

  #unpark() {
    const fresh = [];
    while (this.parked.has(this.cursor + 1)) {
      const entry = this.parked.get(this.cursor + 1);
      this.parked.delete(entry.seq);
      fresh.push(this.#apply(entry));
    }
    for (const seq of this.parked.keys()) if (seq <= this.cursor) this.parked.delete(seq);
    return fresh;
  }
}

/** Whether this entry is the first one that this user may see. */
function begins(entry, me) {
  return entry.seq === 1 || (["created", "added"].includes(entry.kind) && (entry.members ?? []).includes(me));
}

function later(one, other) {
  if (one === null) return other;
  return other !== null && other > one ? other : one;
}
