// What a client knows of one conversation. Pure: entries, marks and frames go in, what is shown comes out.

/** Entries from `low` to `cursor` are held without a hole; what is older is loaded on demand. */
export class Conversation {
  constructor(id, me) {
    this.id = id;
    this.me = me;
    this.kind = "direct";
    this.title = "";
    this.peer = null;
    this.role = null;
    this.memberCount = 0;
    this.openHistory = false;
    this.cursor = 0;
    this.low = 1;
    this.visible = 0;
    this.read = 0;
    this.delivered = 0;
    this.unread = 0;
    this.hasOlder = false;
    this.lastMessageAt = null;
    this.watermarks = new Map();
    this.counts = null;
    this.typing = new Set();
    this.entries = new Map();
    this.changesOf = new Map();
    this.parked = new Map();
    this.pending = [];
    this.described = false;
    this.shown = null;
  }

  get head() {
    return this.visible;
  }

  /** Take a view of the conversation, as lists, `welcome` and `resumed` bring it. */
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
    this.delivered = Math.max(this.delivered, view.delivered ?? 0);
    this.unread = this.read >= this.visible ? 0 : (view.unread ?? 0);
    this.lastMessageAt = later(this.lastMessageAt, view.last_message_at ?? null);
    this.mark(view.watermarks ?? {});
    this.shown = null;
  }

  /** Take the newest entries after the cursor; an open gap before them means that what was held is too old. */
  takeNewest(view) {
    const messages = view.messages ?? [];
    const open = (view.gaps ?? []).filter((gap) => !gap.closed);
    if (open.length > 0 || this.entries.size === 0) {
      this.entries.clear();
      this.changesOf.clear();
      this.low = messages.length > 0 ? messages[0].seq : view.visible + 1;
      this.hasOlder = open.length > 0 || (messages.length > 0 ? messages[0].seq > 1 : view.visible > 0);
    }
    for (const entry of messages) this.#hold(entry);
    this.cursor = Math.max(this.cursor, view.visible);
    this.#unpark();
  }

  /** Take a pushed entry. Returns "known", "applied", or "ahead" when entries before it are missing. */
  push(entry) {
    if (entry.seq <= this.cursor) return "known";
    if (this.entries.size === 0 && this.cursor === 0 && !this.described) this.#begin(entry.seq);
    if (entry.seq > this.cursor + 1) {
      if (this.parked.size < 1000) this.parked.set(entry.seq, entry);
      this.visible = Math.max(this.visible, entry.seq);
      return "ahead";
    }
    this.#apply(entry);
    this.#unpark();
    return "applied";
  }

  /** Take a page after the cursor. Returns the entries that were new. */
  takeAfter(page) {
    const fresh = (page.messages ?? []).filter((entry) => entry.seq > this.cursor);
    for (const entry of fresh) this.#apply(entry);
    this.cursor = Math.max(this.cursor, page.last);
    this.visible = Math.max(this.visible, page.head);
    this.#unpark();
    return fresh;
  }

  /** Take a page of older entries. */
  takeBefore(page) {
    for (const entry of page.messages ?? []) this.#hold(entry);
    this.low = Math.min(this.low, page.first);
    this.hasOlder = page.more ?? false;
    this.shown = null;
  }

  /** Raise marks: {user: {delivered, read}}. */
  mark(watermarks) {
    for (const [user, { delivered = 0, read = 0 }] of Object.entries(watermarks)) {
      if (user === this.me) {
        this.delivered = Math.max(this.delivered, delivered);
        this.readUpTo(read);
        continue;
      }
      const known = this.watermarks.get(user) ?? { delivered: 0, read: 0 };
      const reached = Math.max(known.read, read);
      this.watermarks.set(user, { delivered: Math.max(known.delivered, delivered, reached), read: reached });
    }
    this.shown = null;
  }

  /** In large groups: how many received and read the message of one seq. */
  count(counts) {
    for (const [seq, mark] of Object.entries(counts)) {
      if (Number(seq) >= (this.counts?.seq ?? 0)) {
        this.counts = { seq: Number(seq), delivered: mark.delivered ?? 0, read: mark.read ?? 0 };
      }
    }
    this.shown = null;
  }

  /** Raise one's own read mark, and count what is left. */
  readUpTo(seq) {
    if (seq <= this.read) return;
    this.read = seq;
    if (seq >= this.visible) this.unread = 0;
    else {
      const newest = this.entries.get(this.cursor);
      const marked = this.entries.get(seq);
      if (newest && marked) this.unread = newest.messages - marked.messages;
    }
  }

  /** Whether one's own messages wait for a mark that may have moved while there was no connection. */
  waitsForMarks() {
    if (this.unread > 0) return true;
    return this.items.some((item) => item.sender === this.me && (item.status === "sent" || item.status === "delivered"));
  }

  /** What is shown: messages and system entries in order, then what waits to be sent. */
  get items() {
    this.shown ??= this.#project();
    return this.shown;
  }

  /** What is shown must be made again, since the outbox changed. */
  touch() {
    this.shown = null;
  }

  #begin(seq) {
    this.cursor = seq - 1;
    this.low = seq;
    this.hasOlder = seq > 1;
  }

  #apply(entry) {
    this.#hold(entry);
    this.cursor = entry.seq;
    this.visible = Math.max(this.visible, entry.seq);
    if (entry.kind === "message") {
      this.lastMessageAt = later(this.lastMessageAt, entry.created_at);
      this.typing.delete(entry.sender);
      if (entry.sender !== this.me && entry.seq > this.read) this.unread += 1;
    }
    this.#follow(entry);
  }

  /** Keep what the list shows of members and settings in step with the entries that change them. */
  #follow(entry) {
    const members = entry.members ?? [];
    if (entry.kind === "added") {
      this.memberCount += members.length;
      if (members.includes(this.me)) this.role = "member";
    } else if (entry.kind === "removed" || entry.kind === "left") {
      this.memberCount = Math.max(0, this.memberCount - 1);
      if (members.includes(this.me) || (entry.kind === "left" && entry.sender === this.me)) this.role = null;
    } else if (entry.kind === "role" && members.includes(this.me)) this.role = entry.role;
    else if (entry.kind === "settings") {
      this.title = entry.title ?? this.title;
      this.openHistory = entry.open_history ?? this.openHistory;
    }
  }

  #hold(entry) {
    if (!this.entries.has(entry.seq)) this.entries.set(entry.seq, entry);
    if (entry.target_seq !== undefined && entry.target_seq !== null && !entry.redacted) {
      const changes = this.changesOf.get(entry.target_seq) ?? [];
      if (!changes.some((known) => known.seq === entry.seq)) changes.push(entry);
      this.changesOf.set(entry.target_seq, changes.sort((one, other) => one.seq - other.seq));
    }
    this.shown = null;
  }

  #unpark() {
    while (this.parked.has(this.cursor + 1)) {
      const entry = this.parked.get(this.cursor + 1);
      this.parked.delete(entry.seq);
      this.#apply(entry);
    }
    for (const seq of this.parked.keys()) if (seq <= this.cursor) this.parked.delete(seq);
  }

  #project() {
    const held = [...this.entries.values()].sort((one, other) => one.seq - other.seq);
    const items = held
      .filter((entry) => !["edit", "delete", "reaction"].includes(entry.kind))
      .map((entry) => (entry.kind === "message" ? this.#message(entry) : systemItem(entry)));
    return [...items, ...this.pending.map((change) => pendingItem(change, this.me))];
  }

  /** A row with every change that is held for it: the newest edit, a deletion for good, the newest word per reaction. */
  #message(entry) {
    let { content } = entry;
    let editedAt = entry.edited_at ?? null;
    let editedSeq = entry.edited_seq ?? 0;
    let deleted = entry.deleted_seq !== undefined && entry.deleted_seq !== null;
    const words = new Map();
    for (const { user, emoji, seq } of entry.reactions ?? []) words.set(`${emoji} ${user}`, { emoji, user, seq, set: true });
    for (const change of this.changesOf.get(entry.seq) ?? []) {
      if (change.kind === "delete") deleted = true;
      else if (change.kind === "edit" && change.seq > editedSeq && change.content) {
        [content, editedAt, editedSeq] = [change.content, change.created_at, change.seq];
      } else if (change.kind === "reaction" && change.seq > (words.get(`${change.emoji} ${change.sender}`)?.seq ?? 0)) {
        const word = { emoji: change.emoji, user: change.sender, seq: change.seq, set: !change.removed };
        words.set(`${change.emoji} ${change.sender}`, word);
      }
    }
    const reactions = new Map();
    for (const { emoji, user, set } of [...words.values()].sort((one, other) => one.seq - other.seq)) {
      if (set && !deleted) reactions.set(emoji, (reactions.get(emoji) ?? new Set()).add(user));
    }
    return {
      seq: entry.seq,
      kind: "message",
      sender: entry.sender,
      clientMsgId: entry.client_msg_id,
      createdAt: entry.created_at,
      content: deleted ? null : (content ?? null),
      editedAt,
      deleted,
      reactions,
      replyTo: deleted ? null : (content?.reply_to ?? null),
      status: this.#statusOf(entry.seq),
    };
  }

  #statusOf(seq) {
    const others = this.kind === "direct" ? 1 : Math.max(1, this.memberCount - 1);
    if (this.counts && seq <= this.counts.seq) {
      if (this.counts.read >= others) return "read";
      if (this.counts.delivered >= others) return "delivered";
    }
    const marks = [...this.watermarks.values()];
    if (marks.filter((mark) => mark.read >= seq).length >= others) return "read";
    if (marks.filter((mark) => mark.delivered >= seq).length >= others) return "delivered";
    return "sent";
  }
}

function systemItem(entry) {
  return {
    seq: entry.seq,
    kind: entry.kind,
    sender: entry.sender,
    clientMsgId: entry.client_msg_id,
    createdAt: entry.created_at,
    members: entry.members ?? [],
    role: entry.role ?? null,
    title: entry.title ?? null,
    openHistory: entry.open_history,
    reactions: new Map(),
    status: "sent",
  };
}

function pendingItem(change, me) {
  return {
    seq: null,
    kind: "message",
    sender: me,
    clientMsgId: change.key,
    createdAt: change.createdAt,
    content: change.frame.content,
    editedAt: null,
    deleted: false,
    reactions: new Map(),
    replyTo: change.frame.content.reply_to ?? null,
    status: change.status,
    error: change.error,
  };
}

function later(one, other) {
  if (one === null) return other;
  return other !== null && other > one ? other : one;
}
