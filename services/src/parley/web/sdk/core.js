// The client as a machine: what the server says, what the user wants and the time go in; frames and events come out.
// It holds no socket, reads no clock and throws no dice of its own, so that the same vectors drive it everywhere.
import { Inbox } from "./inbox.js";
import { Outbox } from "./outbox.js";

const TYPING_MS = 6000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
const REFUSALS_BEFORE_STOP = 3;
const RESUME_SPREAD_MS = 5000;

/** Take `frames` and `events` out with `take()`, and call `tick` at `nextAt()`. Times are milliseconds. */
export class Core {
  constructor({ user, device, random, saved = [] }) {
    this.user = user;
    this.device = device;
    this.random = random;
    this.state = "offline";
    this.presence = new Map();
    this.outbox = new Outbox(random, saved);
    this.inbox = new Inbox(user, (kind) => this.#number(kind), (id, entry) => this.#settle(id, entry));
    this.watched = [];
    this.attempts = 0;
    this.refusals = 0;
    this.connectAt = this.leaveAt = this.resumeAt = Infinity;
    this.stayAwayMs = 0;
    this.gaveUpFor = "";
    this.heartbeatMs = 30_000;
    this.sentAt = this.heardAt = 0;
    this.frames = [];
    this.events = [];
    this.typists = new Map();
    this.numbers = 0;
    for (const { conversation } of this.outbox.changes) this.#showPending(conversation);
  }

  get conversations() { return this.inbox.conversations; }

  /** Frames to send and events to tell, since the last call. */
  take() {
    const taken = { frames: [...this.frames, ...this.inbox.frames], events: [...this.events, ...this.inbox.events] };
    for (const list of [this.frames, this.events, this.inbox.frames, this.inbox.events]) list.length = 0;
    return taken;
  }

  /** When `tick` has to be called at the latest. */
  nextAt() {
    const due = [this.connectAt, ...[...this.typists.values()].map(({ until }) => until)];
    if (this.state === "online") {
      due.push(this.leaveAt, this.resumeAt, this.inbox.receivedAt, this.outbox.nextAt());
      due.push(this.sentAt + this.heartbeatMs * 0.8, this.heardAt + this.heartbeatMs * 2);
    }
    return Math.min(...due);
  }

  /** The user wants to be connected from now on. */
  start(now) {
    this.connectAt = now;
    this.#become("connecting");
  }

  /** The user wants to be gone, or the server does not want him. */
  stop(reason = "") {
    this.connectAt = Infinity;
    this.#become("stopped");
    this.events.push({ type: "stopped", reason });
  }

  /** A socket is open: say hello. */
  connected(token, now) {
    this.sentAt = this.heardAt = now;
    this.frames.push({ type: "hello", token, device: this.device, cursors: this.inbox.cursors() });
  }

  /** The socket is gone, or could not be opened (code 0). */
  disconnected(code, now, reason = "") {
    if (this.state === "stopped") return;
    this.outbox.disconnected();
    this.inbox.disconnected();
    this.leaveAt = this.resumeAt = Infinity;
    this.refusals = code >= 4400 && code < 4500 ? this.refusals + 1 : 0;
    if (code >= 4500 || this.refusals >= REFUSALS_BEFORE_STOP) {
      this.stop(reason || `the server closed the connection for good (${code})`);
      return;
    }
    const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.attempts);
    this.attempts += 1;
    const againInMs = this.stayAwayMs + this.random() * longest;
    this.connectAt = now + againInMs;
    const ended = code ? `the connection ended (${code})` : "no connection could be opened";
    const why = this.gaveUpFor || reason || ended;
    this.stayAwayMs = 0;
    this.gaveUpFor = "";
    this.#become("offline", { reason: why, againInMs });
  }

  /** Do what is due. Returns "connect" or "close" when the socket is to be opened or given up. */
  tick(now) {
    for (const [key, { until }] of this.typists) if (until <= now) this.#stopTyping(key);
    if (now >= this.connectAt) {
      this.connectAt = Infinity;
      this.#become("connecting");
      return "connect";
    }
    if (this.state !== "online") return null;
    if (now >= this.leaveAt) return this.#giveUp("the server asked to be left for another one");
    const patienceMs = this.heartbeatMs * 2;
    if (now - this.heardAt >= patienceMs) return this.#giveUp(`the server was silent for ${patienceMs / 1000} s`);
    if (now >= this.resumeAt) {
      this.resumeAt = Infinity;
      this.frames.push({ type: "resume", id: this.#number("resume"), cursors: this.inbox.cursors() });
    }
    if (now >= this.inbox.receivedAt) this.inbox.confirm();
    this.#flush(now);
    if (now - this.sentAt >= this.heartbeatMs * 0.8) this.frames.push({ type: "ping", id: this.#number("ping") });
    if (this.frames.length > 0 || this.inbox.frames.length > 0) this.sentAt = now;
    return null;
  }

  /** Make a change: {frame, conversation, key, createdAt}. It is sent now, or when there is a connection. */
  change(change, now) {
    this.outbox.add(change);
    this.#showPending(change.conversation);
    this.#flush(now);
  }

  /** Send a failed message again. */
  retry(conversation, key, newKey, now) {
    this.outbox.retry(conversation, key, newKey);
    this.#showPending(conversation);
    this.#flush(now);
  }

  /** Give a failed message up. */
  discard(conversation, key) {
    this.outbox.settled(conversation, key);
    this.#showPending(conversation);
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
    const conversation = this.inbox.conversation(id);
    if (seq <= conversation.read) return;
    conversation.readUpTo(seq);
    this.signal({ type: "read", conversation: id, seq });
    this.inbox.changedConversation(id);
  }

  /** Follow the presence of these users, now and after every reconnect. */
  watch(users) {
    this.watched = users;
    return this.ask({ type: "watch", users });
  }

  /** Take a frame of the server. */
  receive(frame, now) {
    this.heardAt = now;
    HANDLERS[frame.type]?.(this, frame, now);
    if (frame.id?.startsWith("ask-")) this.events.push({ type: "answer", id: frame.id, frame });
  }

  welcome(frame, now) {
    this.attempts = this.refusals = 0;
    this.heartbeatMs = frame.heartbeat_ms;
    this.inbox.windowFrames = frame.window_frames;
    this.#become("online");
    this.inbox.welcomed();
    this.inbox.changed(frame, now);
    if (this.watched.length > 0) this.watch(this.watched);
    this.#flush(now);
  }

  ack(frame) {
    const change = this.outbox.acknowledged(frame.id, frame.conversation);
    if (!change) return;
    this.events.push({ type: "acknowledged", key: change.key, conversation: frame.conversation });
    this.#showPending(change.conversation);
  }

  refuse(frame, now) {
    const failed = this.outbox.refused(frame, now);
    if (failed) this.#tellFailed(failed, frame);
    this.inbox.refused(frame.id ?? "");
    this.#comeLater(frame, now);
  }

  /** A refused hello is said again after the time that the server names, a refused resume as well. */
  #comeLater({ id, retryable, after_ms }, now) {
    const least = after_ms ?? 0;
    if (this.state !== "online") this.stayAwayMs = least;
    else if (retryable && id?.startsWith("resume-")) this.resumeAt = now + least + this.random() * RESUME_SPREAD_MS;
  }

  late(frame) {
    const failed = this.outbox.failed(frame.conversation, frame.client_msg_id, frame);
    if (failed) this.#tellFailed(failed, frame);
  }

  duplicate(frame) {
    this.#settle(frame.conversation, { sender: this.user, client_msg_id: frame.client_msg_id, seq: frame.seq });
  }

  presenceChanged(frame) {
    for (const [user, { online = false, last_seen: lastSeen = null }] of Object.entries(frame.users ?? {})) {
      this.presence.set(user, { online, lastSeen });
    }
    this.events.push({ type: "presence" });
  }

  typing(frame, now) {
    const key = JSON.stringify([frame.conversation, frame.user]);
    if (frame.active === false) {
      this.#stopTyping(key);
      return;
    }
    this.typists.set(key, { until: now + TYPING_MS });
    this.inbox.conversation(frame.conversation).typing.add(frame.user);
    this.events.push({ type: "typing", id: frame.conversation });
  }

  #stopTyping(key) {
    const [id, user] = JSON.parse(key);
    this.typists.delete(key);
    this.inbox.conversation(id).typing.delete(user);
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
    const { key, conversation, frame } = change;
    this.events.push({ type: "failed", key, conversation, kind: frame.type, code, message, field });
    this.#showPending(conversation);
  }

  #showPending(id) {
    if (id === null) return;
    this.inbox.conversation(id).pending = this.outbox.messagesOf(id);
    this.inbox.changedConversation(id);
  }

  #flush(now) {
    if (this.state === "online") this.frames.push(...this.outbox.due(now, () => this.#number("change")));
  }

  #giveUp(reason) {
    this.gaveUpFor = reason;
    return "close";
  }

  #become(state, why = {}) {
    if (this.state === state || this.state === "stopped") return;
    this.state = state;
    this.events.push({ type: "state", state, ...why });
  }

  #number(kind) {
    this.numbers += 1;
    return `${kind}-${this.numbers}`;
  }
}

const HANDLERS = {
  welcome: (core, frame, now) => core.welcome(frame, now),
  resumed: (core, frame, now) => core.inbox.changed(frame, now),
  conversations: (core, frame, now) => frame.id.startsWith("ask-") || core.inbox.listed(frame, now),
  message: (core, frame, now) => core.inbox.message(frame, now),
  page: (core, frame, now) => core.inbox.page(frame, now),
  head: (core, frame) => core.inbox.hint(frame),
  receipt: (core, frame) => core.inbox.receipt(frame),
  ack: (core, frame) => core.ack(frame),
  error: (core, frame, now) => core.refuse(frame, now),
  failed: (core, frame) => core.late(frame),
  duplicate: (core, frame) => core.duplicate(frame),
  presence: (core, frame) => core.presenceChanged(frame),
  typing: (core, frame, now) => core.typing(frame, now),
  goaway: (core, frame, now) => { core.leaveAt = now + core.random() * frame.within_ms; },
  resync: (core, frame, now) => { core.resumeAt = now + core.random() * frame.within_ms; },
};
