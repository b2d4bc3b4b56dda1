// The client as a machine: what the server says, what the user wants and the time go in; frames and events come out.
// It holds no socket, reads no clock and throws no dice of its own, so that the same vectors drive it everywhere.
import { Conversation } from "./conversation.js";
import { Outbox } from "./outbox.js";

const PAGE = 200;
const FAR_BEHIND = 400;
const RECEIVED_MS = 100;
const TYPING_MS = 6000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
const REFUSALS_BEFORE_STOP = 3;

/** Take `frames` and `events` out with `take()`, and call `tick` at `nextAt()`. Times are milliseconds. */
export class Core {
  constructor({ user, device, random, saved = [] }) {
    this.user = user;
    this.device = device;
    this.random = random;
    this.state = "offline";
    this.conversations = new Map();
    this.presence = new Map();
    this.outbox = new Outbox(random, saved);
    this.watched = null;
    this.attempts = 0;
    this.refusals = 0;
    this.connectAt = Infinity;
    this.leaveAt = Infinity;
    this.resumeAt = Infinity;
    this.receivedAt = Infinity;
    this.heartbeatMs = 30_000;
    this.sentAt = 0;
    this.heardAt = 0;
    this.frames = [];
    this.events = [];
    this.syncing = new Map();
    this.describing = new Map();
    this.marks = new Map();
    this.typists = new Map();
    this.nextNumber = 0;
    for (const change of this.outbox.changes) this.#showPending(change.conversation);
  }

  /** Frames to send and events to tell, since the last call. */
  take() {
    const taken = { frames: this.frames, events: this.events };
    this.frames = [];
    this.events = [];
    return taken;
  }

  /** When `tick` has to be called at the latest. */
  nextAt() {
    const due = [this.connectAt];
    if (this.state === "online") {
      due.push(this.leaveAt, this.resumeAt, this.receivedAt, this.outbox.nextAt(), this.sentAt + this.heartbeatMs * 0.8);
      due.push(this.heardAt + this.heartbeatMs * 2);
    }
    for (const until of this.typists.values()) due.push(until);
    return Math.min(...due);
  }

  /** The user wants to be connected from now on. */
  start(now) {
    this.connectAt = now;
    this.#become("connecting");
  }

  /** The user wants to be gone. */
  stop(reason = "") {
    this.connectAt = Infinity;
    this.#become("stopped");
    if (reason) this.events.push({ type: "stopped", reason });
  }

  /** A socket is open: say hello. */
  connected(token, now) {
    this.connectAt = Infinity;
    this.sentAt = this.heardAt = now;
    const cursors = {};
    for (const { id, cursor, described } of this.conversations.values()) if (described) cursors[id] = cursor;
    this.frames.push({ type: "hello", token, device: this.device, cursors });
  }

  /** The socket is gone, or could not be opened. `code` is the close code, or null. */
  disconnected(code, now, reason = "") {
    if (this.state === "stopped") return;
    this.outbox.disconnected();
    this.syncing.clear();
    this.describing.clear();
    this.marks.clear();
    this.leaveAt = this.resumeAt = this.receivedAt = Infinity;
    this.refusals = code >= 4400 && code < 4500 ? this.refusals + 1 : 0;
    if (code >= 4500 || this.refusals >= REFUSALS_BEFORE_STOP) {
      this.stop(reason || `the server closed the connection for good (${code})`);
      return;
    }
    const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.attempts);
    this.attempts += 1;
    this.connectAt = now + this.random() * longest;
    this.#become("offline");
  }

  /** Do what is due. Returns "connect" or "close" when the socket is to be opened or given up. */
  tick(now) {
    for (const [key, until] of this.typists) if (until <= now) this.#stopTyping(key);
    if (now >= this.connectAt) {
      this.connectAt = Infinity;
      this.#become("connecting");
      return "connect";
    }
    if (this.state !== "online") return null;
    if (now >= this.leaveAt || now - this.heardAt >= this.heartbeatMs * 2) return "close";
    if (now >= this.resumeAt) this.#resume();
    if (now >= this.receivedAt) this.#sendReceived();
    this.#flush(now);
    if (now - this.sentAt >= this.heartbeatMs * 0.8) this.frames.push({ type: "ping", id: this.#number("ping") });
    if (this.frames.length > 0) this.sentAt = now;
    return null;
  }

  /** Make a change: {frame, conversation, key, createdAt}. It is sent now, or when there is a connection. */
  change(change, now) {
    const added = this.outbox.add(change);
    this.#showPending(change.conversation);
    this.#flush(now);
    return added;
  }

  /** Send a failed message again. */
  retry(conversation, key, newKey, now) {
    this.outbox.retry(conversation, key, newKey);
    this.#showPending(conversation);
    this.#flush(now);
  }

  /** Ask something; returns the id that the answer will have, or null without a connection. */
  ask(frame) {
    if (this.state !== "online") return null;
    const id = this.#number("ask");
    this.frames.push({ ...frame, id });
    return id;
  }

  /** Say something that is not answered and may be lost. */
  signal(frame) {
    if (this.state === "online") this.frames.push(frame);
  }

  /** The user has seen everything up to `seq`. */
  markRead(id, seq) {
    const conversation = this.conversations.get(id);
    if (!conversation || seq <= conversation.read) return;
    conversation.readUpTo(seq);
    this.signal({ type: "read", conversation: id, seq });
    this.#changed(id);
  }

  /** Follow the presence of these users, now and after every reconnect. */
  watch(users) {
    this.watched = users;
    this.ask({ type: "watch", users });
  }

  /** The conversation with an id, made if it is not known yet. */
  conversation(id) {
    let known = this.conversations.get(id);
    if (!known) {
      known = new Conversation(id, this.user);
      this.conversations.set(id, known);
    }
    return known;
  }

  /** Take a frame of the server. */
  receive(frame, now) {
    this.heardAt = now;
    const handler = HANDLERS[frame.type];
    if (handler) handler(this, frame, now);
    if (frame.id?.startsWith("ask-")) this.events.push({ type: "answer", id: frame.id, frame });
  }

  welcome(frame, now) {
    this.attempts = this.refusals = 0;
    this.heartbeatMs = frame.heartbeat_ms;
    this.windowFrames = frame.window_frames;
    this.unconfirmed = 0;
    this.#become("online");
    const told = this.changedConversations(frame);
    for (const conversation of this.conversations.values()) {
      if (!told.has(conversation.id) && conversation.described && conversation.waitsForMarks()) {
        this.frames.push({ type: "receipts", id: this.#number("receipts"), conversation: conversation.id });
      }
    }
    if (this.watched?.length) this.watch(this.watched);
    this.#flush(now);
  }

  changedConversations(frame) {
    const told = new Set();
    for (const view of frame.conversations ?? []) {
      const conversation = this.conversation(view.conversation);
      conversation.describe(view);
      conversation.takeNewest(view);
      for (const entry of view.messages ?? []) this.#settle(view.conversation, entry);
      this.#confirm(view.conversation, (view.messages ?? []).length);
      told.add(view.conversation);
      this.#changed(view.conversation);
    }
    if (frame.more) this.frames.push({ type: "conversations", id: this.#number("list"), limit: PAGE });
    return told;
  }

  listed(frame) {
    for (const view of frame.conversations ?? []) {
      const conversation = this.conversation(view.conversation);
      const known = conversation.described || conversation.cursor > 0;
      conversation.describe(view);
      if (!known) conversation.takeNewest({ visible: view.visible, gaps: [] });
      this.#changed(view.conversation);
    }
    if (frame.id?.startsWith("list-") && frame.next_page_token) {
      const next = { type: "conversations", id: this.#number("list"), limit: PAGE, page_token: frame.next_page_token };
      this.frames.push(next);
    }
  }

  message(frame) {
    const conversation = this.conversation(frame.conversation);
    const isNew = !conversation.described;
    const outcome = conversation.push(frame.entry);
    if (outcome === "known") return;
    this.#settle(frame.conversation, frame.entry);
    if (outcome === "ahead") this.#sync(conversation);
    if (isNew && !this.describing.has(frame.conversation)) {
      const id = this.#number("describe");
      this.describing.set(frame.conversation, id);
      this.frames.push({ type: "conversation", id, conversation: frame.conversation });
    }
    if (frame.entry.sender === this.user) this.markRead(frame.conversation, frame.entry.seq);
    this.#confirm(frame.conversation, 1);
    this.events.push({ type: "message", id: frame.conversation, entry: frame.entry });
    this.#changed(frame.conversation);
  }

  page(frame) {
    const conversation = this.conversation(frame.conversation);
    if (this.syncing.get(frame.conversation) === frame.id) {
      this.syncing.delete(frame.conversation);
      for (const entry of conversation.takeAfter(frame)) {
        this.#settle(frame.conversation, entry);
        this.events.push({ type: "message", id: frame.conversation, entry });
      }
      this.#confirm(frame.conversation, (frame.messages ?? []).length);
      if (frame.more || conversation.parked.size > 0) this.#sync(conversation);
    } else if (frame.id?.startsWith("newest-")) {
      this.syncing.delete(frame.conversation);
      const gap = [{ first: 1, last: frame.first - 1 }];
      conversation.takeNewest({ messages: frame.messages, visible: frame.head, gaps: frame.more ? gap : [] });
      for (const entry of frame.messages ?? []) this.#settle(frame.conversation, entry);
      this.#confirm(frame.conversation, 0);
    } else conversation.takeBefore(frame);
    this.#changed(frame.conversation);
  }

  hint(frame) {
    for (const [id, head] of Object.entries(frame.heads)) {
      const conversation = this.conversation(id);
      if (!conversation.described) this.frames.push({ type: "conversation", id: this.#number("describe"), conversation: id });
      if (head > conversation.cursor) {
        conversation.visible = Math.max(conversation.visible, head);
        this.#sync(conversation);
      }
    }
  }

  ack(frame) {
    const change = this.outbox.acknowledged(frame.id);
    if (!change) return;
    this.events.push({ type: "acknowledged", key: change.key, conversation: frame.conversation });
    this.#showPending(change.conversation);
  }

  refuse(frame, now) {
    const failed = this.outbox.refused(frame.id, frame, now);
    if (failed) this.#tellFailed(failed, frame);
    if (failed === undefined && frame.id) {
      for (const [id, request] of this.syncing) if (request === frame.id) this.syncing.delete(id);
    }
  }

  late(frame) {
    const failed = this.outbox.failed(frame.conversation, frame.client_msg_id, frame);
    if (failed) this.#tellFailed(failed, frame);
  }

  duplicate(frame) {
    this.#settle(frame.conversation, { sender: this.user, client_msg_id: frame.client_msg_id, seq: frame.seq });
    this.#changed(frame.conversation);
  }

  receipt(frame) {
    const conversation = this.conversation(frame.conversation);
    conversation.mark(frame.watermarks ?? {});
    conversation.count(frame.counts ?? {});
    this.#changed(frame.conversation);
  }

  watchedChanged(frame) {
    for (const [user, { online = false, last_seen: lastSeen = null }] of Object.entries(frame.users ?? {})) {
      this.presence.set(user, { online, lastSeen });
    }
    this.events.push({ type: "presence" });
  }

  typing(frame, now) {
    const key = `${frame.conversation} ${frame.user}`;
    if (frame.active === false) this.#stopTyping(key);
    else {
      this.typists.set(key, now + TYPING_MS);
      this.conversation(frame.conversation).typing.add(frame.user);
      this.events.push({ type: "typing", id: frame.conversation });
    }
  }

  leaveSoon(frame, now) {
    this.leaveAt = now + this.random() * frame.within_ms;
  }

  resumeSoon(frame, now) {
    this.resumeAt = now + this.random() * frame.within_ms;
  }

  #stopTyping(key) {
    this.typists.delete(key);
    const [id, ...user] = key.split(" ");
    this.conversations.get(id)?.typing.delete(user.join(" "));
    this.events.push({ type: "typing", id });
  }

  #settle(id, entry) {
    if (entry.sender !== this.user) return;
    const change = this.outbox.settled(id, entry.client_msg_id);
    if (!change) return;
    this.events.push({ type: "settled", key: change.key, conversation: id, seq: entry.seq });
    this.#showPending(id);
  }

  #tellFailed(change, { code, message, field }) {
    this.events.push({ type: "failed", key: change.key, conversation: change.conversation, kind: change.frame.type, code, message, field });
    this.#showPending(change.conversation);
  }

  #showPending(id) {
    if (id === null) return;
    const conversation = this.conversation(id);
    conversation.pending = this.outbox.changes.filter(
      (change) => change.conversation === id && change.frame.type === "send",
    );
    this.#changed(id);
  }

  #sync(conversation) {
    if (this.syncing.has(conversation.id)) return;
    const far = conversation.visible - conversation.cursor > FAR_BEHIND;
    const id = this.#number(far ? "newest" : "sync");
    this.syncing.set(conversation.id, id);
    const range = far ? {} : { after: conversation.cursor };
    this.frames.push({ type: "sync", id, conversation: conversation.id, ...range, limit: far ? PAGE / 2 : PAGE });
  }

  #resume() {
    this.resumeAt = Infinity;
    const cursors = {};
    for (const { id, cursor, described } of this.conversations.values()) if (described) cursors[id] = cursor;
    this.frames.push({ type: "resume", id: this.#number("resume"), cursors });
  }

  /** Entries have arrived: it is told soon, and at once when much of the window is used. */
  #confirm(id, count) {
    const conversation = this.conversation(id);
    this.marks.set(id, conversation.cursor);
    this.unconfirmed = (this.unconfirmed ?? 0) + count;
    if (this.unconfirmed >= (this.windowFrames ?? 256) / 4) this.#sendReceived();
    else this.receivedAt = Math.min(this.receivedAt, this.heardAt + RECEIVED_MS);
  }

  #sendReceived() {
    this.receivedAt = Infinity;
    this.unconfirmed = 0;
    const cursors = Object.fromEntries([...this.marks].filter(([, cursor]) => cursor > 0));
    this.marks.clear();
    if (Object.keys(cursors).length > 0) this.frames.push({ type: "received", cursors });
  }

  #flush(now) {
    if (this.state !== "online") return;
    const frames = this.outbox.due(now, () => this.#number("change"));
    this.frames.push(...frames);
    if (frames.length > 0) this.sentAt = now;
  }

  #changed(id) {
    this.conversations.get(id)?.touch();
    this.events.push({ type: "conversation", id });
  }

  #become(state) {
    if (this.state === state || this.state === "stopped") return;
    this.state = state;
    this.events.push({ type: "state", state });
  }

  #number(kind) {
    this.nextNumber += 1;
    return `${kind}-${this.nextNumber}`;
  }
}

const HANDLERS = {
  welcome: (core, frame, now) => core.welcome(frame, now),
  resumed: (core, frame) => core.changedConversations(frame),
  conversations: (core, frame) => core.listed(frame),
  message: (core, frame) => core.message(frame),
  page: (core, frame) => core.page(frame),
  head: (core, frame) => core.hint(frame),
  ack: (core, frame) => core.ack(frame),
  error: (core, frame, now) => core.refuse(frame, now),
  failed: (core, frame) => core.late(frame),
  duplicate: (core, frame) => core.duplicate(frame),
  receipt: (core, frame) => core.receipt(frame),
  presence: (core, frame) => core.watchedChanged(frame),
  typing: (core, frame, now) => core.typing(frame, now),
  goaway: (core, frame, now) => core.leaveSoon(frame, now),
  resync: (core, frame, now) => core.resumeSoon(frame, now),
};
