// The JavaScript SDK for browsers: a socket, a timer and promises around the machine in core.js.
//
//   const client = new ParleyClient({ url, user, token: async () => "…", device, storage: localStorage });
//   client.addEventListener("conversation", ({ detail }) => draw(client.conversations.get(detail.id)));
//   client.start();
//   await client.send({ conversation: await client.openDirect("bob"), text: "Hello" });
//
// Events: "state" {state; when it is "offline" also reason and againInMs}, "conversation" {id}, "message" {id, entry},
// "presence", "typing" {id}, "failed" {key, conversation, kind, code, message}, "stopped" {reason}. Changes are kept
// until they have their place in the order, over disconnections and, with a storage, over reloads of the page; their
// promises end with the ack or the refusal.
import { JSON_CODEC } from "./codec.js";
import { Core } from "./core.js";
import { ParleyError } from "./error.js";
import { directConversationId } from "./identity.js";
import { OutboxStorage } from "./outbox_storage.js";

const SOCKET_PATH = "/v1/connect";
const ASK_MS = 15_000;
const GIVE_UP = 4000;

export { ParleyError };

/** One user's connection, with everything that is known of his conversations. */
export class ParleyClient extends EventTarget {
  #core;
  #token;
  #url;
  #storage;
  #codec;
  #socket = null;
  #timer = null;
  #asked = new Map();
  #changed = new Map();

  constructor({ url, user, token, device, storage = null, codec = JSON_CODEC }) {
    super();
    this.#token = token;
    this.#storage = new OutboxStorage(storage, user);
    this.#codec = codec;
    this.#url = new URL(SOCKET_PATH, url);
    this.#url.protocol = this.#url.protocol === "https:" || this.#url.protocol === "wss:" ? "wss:" : "ws:";
    this.#core = new Core({ user, device, random: Math.random, saved: this.#storage.load() });
  }

  get user() { return this.#core.user; }

  get state() { return this.#core.state; }

  /** Conversations by id, as far as they are known. */
  get conversations() { return this.#core.inbox.conversations; }

  /** Presence of watched users: {online, lastSeen}. */
  get presence() { return this.#core.presence; }

  /** Connect, and stay connected. */
  start() {
    this.#core.start(Date.now());
    globalThis.addEventListener?.("online", this.#hurry);
    this.#run();
  }

  /** Disconnect for good. */
  stop() {
    globalThis.removeEventListener?.("online", this.#hurry);
    this.#core.stop();
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  /** The id of the direct conversation with a user; it is shown as empty until somebody writes. */
  async openDirect(user) {
    if (!user.trim()) throw new ParleyError("invalid_field", "write the name of somebody", "to");
    const id = directConversationId(this.user, user);
    const conversation = this.#core.inbox.conversation(id);
    if (!conversation.described) {
      conversation.peer = user;
      this.#tell("conversation", { id });
    }
    return id;
  }

  /** Say something; resolves once it is durable. */
  send({ conversation, text, replyTo = null, contentType = undefined }) {
    const known = this.#core.inbox.conversation(conversation);
    const content = { text, content_type: contentType, reply_to: replyTo ?? undefined };
    const direct = !known.described && known.peer !== null;
    return this.#change(conversation, { type: "send", content, ...(direct ? { to: known.peer } : { conversation }) });
  }

  /** Replace the text of one's own message. */
  edit({ conversation, seq, text }) {
    return this.#change(conversation, { type: "edit", conversation, seq, content: { text } });
  }

  /** Turn a message into a tombstone. */
  remove({ conversation, seq }) {
    return this.#change(conversation, { type: "delete", conversation, seq });
  }

  /** Set an emoji on a message, or take it back. */
  react({ conversation, seq, emoji, removed = false }) {
    return this.#change(conversation, { type: "react", conversation, seq, emoji, removed });
  }

  /** Open a group; resolves with its id once it is there. */
  async createGroup({ title, members = [], openHistory = false }) {
    const { conversation } = await this.#change(null, { type: "create_group", title, members, open_history: openHistory });
    await this.#until(() => this.conversations.get(conversation)?.described);
    return conversation;
  }

  changeSettings({ conversation, title, openHistory }) {
    return this.#change(conversation, { type: "change_settings", conversation, title, open_history: openHistory });
  }

  addMembers({ conversation, members }) {
    return this.#change(conversation, { type: "add_members", conversation, members });
  }

  removeMember({ conversation, user }) {
    return this.#change(conversation, { type: "remove_member", conversation, user });
  }

  leave({ conversation }) {
    return this.#change(conversation, { type: "leave", conversation });
  }

  setRole({ conversation, user, role }) {
    return this.#change(conversation, { type: "set_role", conversation, user, role });
  }

  /** Send a failed message again. */
  retry(conversation, key) {
    this.#core.retry(conversation, key, newKey(), Date.now());
    this.#run();
  }

  /** Give a failed message up. */
  discard(conversation, key) {
    this.#core.discard(conversation, key);
    this.#run();
  }

  /** Everybody in a conversation: [{user, role, joinedSeq}]. */
  async members(conversation) {
    const { members = [] } = await this.#ask({ type: "members", conversation });
    return members.map((member) => ({ user: member.user, role: member.role, joinedSeq: member.joined_seq }));
  }

  /** Who has received and who has read a message: {delivered, read}. */
  async readBy(conversation, seq) {
    const { delivered = [], read = [] } = await this.#ask({ type: "read_by", conversation, seq });
    return { delivered, read };
  }

  /** Load the page before what is held of a conversation. */
  async loadOlder(conversation) {
    const { low } = this.#core.inbox.conversation(conversation).timeline;
    await this.#ask({ type: "sync", conversation, before: low, limit: 50 });
  }

  markRead(conversation, seq) {
    this.#core.markRead(conversation, seq);
    this.#run();
  }

  typing(conversation, active) {
    if (!this.#core.inbox.conversation(conversation).described) return;
    this.#core.signal({ type: "typing", conversation, active });
    this.#run();
  }

  watch(users) {
    this.#core.watch(users);
    this.#run();
  }

  /** Hide or show one's presence to others. */
  async setPrivacy(hide) {
    await this.#ask({ type: "set_privacy", hide_presence: hide });
  }

  #hurry = () => {
    if (this.state === "offline") this.#core.start(Date.now());
    this.#run();
  };

  #change(conversation, frame) {
    const key = newKey();
    const promise = new Promise((resolve, reject) => { this.#changed.set(key, { resolve, reject }); });
    promise.catch(() => {});
    const change = { key, conversation, createdAt: new Date().toISOString(), frame: { ...frame, client_msg_id: key } };
    this.#core.change(change, Date.now());
    this.#run();
    return promise;
  }

  #ask(frame) {
    const id = this.#core.ask(frame);
    if (id === null) return Promise.reject(new ParleyError("offline", "there is no connection; try again later"));
    const promise = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#answered(id, null), ASK_MS);
      this.#asked.set(id, { resolve, reject, timer });
    });
    this.#run();
    return promise;
  }

  #answered(id, frame) {
    const waiting = this.#asked.get(id);
    if (!waiting) return;
    this.#asked.delete(id);
    clearTimeout(waiting.timer);
    if (frame === null) waiting.reject(new ParleyError("timeout", "the server did not answer in time; try again"));
    else if (frame.type === "error") waiting.reject(new ParleyError(frame.code, frame.message, frame.field));
    else waiting.resolve(frame);
  }

  async #until(condition) {
    while (!condition()) await new Promise((resolve) => { this.addEventListener("conversation", resolve, { once: true }); });
  }

  /** Do what is due, send and tell what came out, and be woken when something is due again. */
  #run() {
    const action = this.#core.tick(Date.now());
    if (action === "connect") this.#connect();
    else if (action === "close") this.#socket?.close(GIVE_UP);
    this.#drain();
    clearTimeout(this.#timer);
    const wait = this.#core.nextAt() - Date.now();
    if (Number.isFinite(wait)) this.#timer = setTimeout(() => this.#run(), Math.max(0, Math.min(wait, 60_000)));
  }

  #drain() {
    const { frames, events } = this.#core.take();
    for (const frame of frames) if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(this.#codec.encode(frame));
    if (events.length > 0) this.#storage.save(this.#core.outbox.saved());
    for (const event of events) this.#dispatch(event);
  }

  #dispatch({ type, ...detail }) {
    if (type === "answer") this.#answered(detail.id, detail.frame);
    else if (type === "acknowledged" || type === "settled") {
      this.#changed.get(detail.key)?.resolve({ conversation: detail.conversation, seq: detail.seq ?? null });
      this.#changed.delete(detail.key);
    } else {
      if (type === "failed") {
        this.#changed.get(detail.key)?.reject(new ParleyError(detail.code, detail.message, detail.field));
        this.#changed.delete(detail.key);
      }
      this.#tell(type, detail);
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #connect() {
    let token;
    try {
      token = await this.#token();
    } catch (error) {
      this.#core.disconnected(0, Date.now(), `no token: ${error.message}`);
      this.#run();
      return;
    }
    if (this.state === "stopped") return;
    const socket = new WebSocket(this.#url, [this.#codec.subprotocol]);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#core.connected(token, Date.now());
      this.#run();
    };
    socket.onmessage = ({ data }) => {
      this.#core.receive(this.#codec.decode(data), Date.now());
      this.#run();
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#core.disconnected(code, Date.now(), reason);
      for (const id of [...this.#asked.keys()]) this.#answered(id, null);
      this.#run();
    };
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
