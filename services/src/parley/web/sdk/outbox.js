// Changes that are not known to be in the order yet. Pure: time and randomness are handed in.
//
// A change leaves the outbox when its echo, `duplicate` or `failed` comes; an ack alone is not enough, since the
// sequencer has the last word. Until then it is sent again, marked as a retry, and nothing of the same conversation
// overtakes it.

const ECHO_MS = 10_000;
const BACKOFF_MS = 500;
const LONGEST_MS = 30_000;

/** Holds changes in the order in which they were made. */
export class Outbox {
  constructor(random, saved = []) {
    this.random = random;
    this.changes = saved.map((change) => ({ ...change, attempts: 1, dueAt: 0, id: null, underWay: false }));
  }

  /** Add a change: {key, conversation, frame, createdAt}; `frame` lacks id and retry. */
  add(change) {
    const added = { ...change, status: "pending", attempts: 0, dueAt: 0, id: null, underWay: false };
    this.changes.push(added);
    return added;
  }

  /** Everything that is due, in order; a change that waits holds back those of its conversation behind it. */
  due(now, nextId) {
    const frames = [];
    const held = new Set();
    for (const change of this.changes) {
      if (change.status === "failed") continue;
      if (held.has(change.conversation)) continue;
      if (change.dueAt > now) {
        if (!change.underWay) held.add(change.conversation);
        continue;
      }
      change.id = nextId();
      change.attempts += 1;
      change.underWay = true;
      change.dueAt = now + ECHO_MS * Math.min(change.attempts, 3);
      frames.push({ ...change.frame, id: change.id, ...(change.attempts > 1 ? { retry: true } : {}) });
    }
    return frames;
  }

  /** When the next change is due, or Infinity. */
  nextAt() {
    return Math.min(Infinity, ...this.changes.filter((change) => change.status !== "failed").map((change) => change.dueAt));
  }

  /** The connection is gone: whatever was under way is due at once when there is a new one. */
  disconnected() {
    for (const change of this.changes) {
      change.dueAt = 0;
      change.underWay = false;
    }
  }

  /** Messages of a conversation that wait here, in order. */
  messagesOf(conversation) {
    return this.changes.filter((change) => change.conversation === conversation && change.frame.type === "send");
  }

  /** The change is durable: the receipt "sent"; a group learns its id. Returns the change. */
  acknowledged(id, conversation) {
    const change = this.#byId(id);
    if (!change) return null;
    if (change.status === "pending") change.status = "sent";
    change.conversation = conversation;
    return change;
  }

  /** The server refused a frame. Returns the change when that is for good, null when it is due again later. */
  refused(error, now) {
    const change = this.#byId(error.id);
    if (!change) return null;
    if (!error.retryable) return this.#fail(change, error);
    const longest = Math.min(LONGEST_MS, BACKOFF_MS * 2 ** change.attempts);
    change.dueAt = now + (error.after_ms ?? 0) + this.random() * longest;
    change.underWay = false;
    return null;
  }

  /** The sequencer refused an acknowledged change. */
  failed(conversation, key, error) {
    const change = this.#find(conversation, key);
    return change ? this.#fail(change, error) : null;
  }

  /** The change has its place in the order. Returns it, or null when it was not in here. */
  settled(conversation, key) {
    const change = this.#find(conversation, key);
    if (change) this.changes.splice(this.changes.indexOf(change), 1);
    return change ?? null;
  }

  /** Try a failed change again, under a new key: the old one stands for its refusal. */
  retry(conversation, key, newKey) {
    const change = this.#find(conversation, key);
    if (!change) return null;
    this.changes.splice(this.changes.indexOf(change), 1);
    return this.add({ ...change, key: newKey, error: undefined, frame: { ...change.frame, client_msg_id: newKey } });
  }

  /** What a page keeps over a reload. */
  saved() {
    return this.changes.map(({ key, conversation, frame, createdAt, status, error }) => ({
      key, conversation, frame, createdAt, status, error,
    }));
  }

  #byId(id) {
    return this.changes.find((change) => change.id !== null && change.id === id);
  }

  #find(conversation, key) {
    return this.changes.find((change) => change.key === key && [conversation, null].includes(change.conversation));
  }

  #fail(change, error) {
    change.status = "failed";
    change.error = error;
    if (change.frame.type !== "send") this.changes.splice(this.changes.indexOf(change), 1);
    return change;
  }
}
