// What the server says of conversations, applied to what is known. Pure: frames in; frames to send and events out.
import { Conversation } from "./conversation.js";

const PAGE = 200;
const FAR_BEHIND = 400;
const RECEIVED_MS = 100;

/** Keeps every conversation in its order, and asks for what is missing. The newest entries are enough. */
export class Inbox {
  constructor(user, number, settle) {
    this.user = user;
    this.number = number;
    this.settle = settle;
    this.conversations = new Map();
    this.frames = [];
    this.events = [];
    this.receivedAt = Infinity;
    this.windowFrames = 256;
    this.unconfirmed = 0;
    this.marks = new Map();
    this.syncing = new Map();
    this.waiting = new Set();
  }

  /** Where every conversation stands that has begun. */
  cursors() {
    const begun = [...this.conversations.values()].filter((conversation) => conversation.begun);
    return Object.fromEntries(begun.map(({ id, cursor }) => [id, cursor]));
  }

  /** Nothing is under way any more. */
  disconnected() {
    this.syncing.clear();
    this.marks.clear();
    this.unconfirmed = 0;
    this.receivedAt = Infinity;
  }

  /** Ask for marks that may have moved without any entry; before `changed` tells what else did. */
  welcomed() {
    const begun = [...this.conversations.values()].filter((conversation) => conversation.begun);
    this.waiting = new Set(begun.filter((conversation) => conversation.waitsForMarks()).map(({ id }) => id));
  }

  /** Take the conversations that changed since the cursors. */
  changed(frame, now) {
    for (const view of frame.conversations ?? []) {
      this.#takeView(view, now);
      this.waiting.delete(view.conversation);
    }
    for (const id of [...this.waiting].sort()) {
      this.frames.push({ type: "receipts", id: this.number("receipts"), conversation: id });
    }
    this.waiting.clear();
    if (frame.more) this.frames.push({ type: "conversations", id: this.number("list"), limit: PAGE });
  }

  /** Take a page of the list; entries of what is new are asked for. */
  listed(frame, now) {
    for (const view of frame.conversations ?? []) this.#takeView(view, now);
    if (frame.next_page_token && frame.id.startsWith("list-")) {
      const id = this.number("list");
      this.frames.push({ type: "conversations", id, page_token: frame.next_page_token, limit: PAGE });
    }
  }

  /** Take a pushed entry. */
  message(frame, now) {
    const conversation = this.conversation(frame.conversation);
    const [outcome, fresh] = conversation.push(frame.entry);
    if (outcome === "known") {
      this.#mark(conversation, now);
      return;
    }
    if (!conversation.described) {
      this.frames.push({ type: "conversation", id: this.number("describe"), conversation: frame.conversation });
    }
    if (outcome === "ahead") {
      this.settle(frame.conversation, frame.entry);
      this.sync(conversation);
    }
    this.#tell(conversation, fresh, now);
  }

  /** Take the page that a hole was waiting for; other pages are of what is older. */
  page(frame, now) {
    const conversation = this.conversation(frame.conversation);
    if (this.syncing.get(frame.conversation) !== frame.id) {
      conversation.timeline.holdOlder(frame);
      this.changedConversation(frame.conversation);
      return;
    }
    this.syncing.delete(frame.conversation);
    const newest = frame.id.startsWith("newest-");
    this.#tell(conversation, newest ? conversation.takeNewestPage(frame) : conversation.takeAfter(frame), now);
    if ((frame.more && !newest) || conversation.parked.size > 0) this.sync(conversation);
  }

  /** Read what the server could not push. */
  hint(frame) {
    for (const [id, head] of Object.entries(frame.heads)) {
      const conversation = this.conversation(id);
      if (head > conversation.cursor || !conversation.begun) {
        conversation.visible = Math.max(conversation.visible, head);
        this.sync(conversation);
      }
    }
  }

  /** Take marks of others, or one's own from another device. */
  receipt(frame) {
    const conversation = this.conversation(frame.conversation);
    conversation.mark(frame.watermarks ?? {});
    conversation.count(frame.counts ?? {});
    this.changedConversation(frame.conversation);
  }

  /** A page cannot be had; the next push asks again. */
  refused(id) {
    for (const [conversation, request] of this.syncing) if (request === id) this.syncing.delete(conversation);
  }

  /** Ask for what follows the cursor, one page at a time; far behind, the newest page will do. */
  sync(conversation) {
    if (this.syncing.has(conversation.id)) return;
    const far = conversation.begun && conversation.visible - conversation.cursor > FAR_BEHIND;
    const id = this.number(far ? "newest" : "sync");
    this.syncing.set(conversation.id, id);
    const asked = { type: "sync", id, conversation: conversation.id };
    this.frames.push(far ? { ...asked, limit: PAGE / 2 } : { ...asked, after: conversation.cursor, limit: PAGE });
  }

  /** What is known of a conversation. */
  conversation(id) {
    if (!this.conversations.has(id)) this.conversations.set(id, new Conversation(id, this.user));
    return this.conversations.get(id);
  }

  /** Say how far everything was received. */
  confirm() {
    this.receivedAt = Infinity;
    this.unconfirmed = 0;
    const cursors = Object.fromEntries([...this.marks].filter(([, cursor]) => cursor > 0));
    this.marks.clear();
    if (Object.keys(cursors).length > 0) this.frames.push({ type: "received", cursors });
  }

  /** Tell that a conversation is to be drawn again. */
  changedConversation(id) {
    this.conversations.get(id)?.touch();
    this.events.push({ type: "conversation", id });
  }

  #takeView(view, now) {
    const conversation = this.conversation(view.conversation);
    conversation.describe(view);
    if (view.messages?.length || view.gaps?.length) this.#tell(conversation, conversation.takeNewest(view), now);
    else if (view.visible > conversation.cursor) this.sync(conversation);
    this.changedConversation(view.conversation);
  }

  #tell(conversation, fresh, now) {
    for (const entry of fresh) {
      this.settle(conversation.id, entry);
      this.events.push({ type: "message", id: conversation.id, entry });
    }
    const own = fresh.filter((entry) => entry.sender === this.user).at(-1)?.seq ?? 0;
    if (own > conversation.read) {
      conversation.readUpTo(own);
      this.frames.push({ type: "read", conversation: conversation.id, seq: own });
    }
    this.unconfirmed += fresh.length;
    this.#mark(conversation, now);
    this.changedConversation(conversation.id);
  }

  #mark(conversation, now) {
    if (!conversation.begun) return;
    this.marks.set(conversation.id, conversation.cursor);
    if (this.unconfirmed >= this.windowFrames / 4) this.confirm();
    else this.receivedAt = Math.min(this.receivedAt, now + RECEIVED_MS);
  }
}
