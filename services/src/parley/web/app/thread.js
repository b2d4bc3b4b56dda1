// The messages of one conversation: drawn by key, scrolled without jumps, marked read when they are seen.
import { element } from "./element.js";
import { linesOf } from "./lines.js";
import { drawMessage, versionOf } from "./message.js";

const NEAR_END_PX = 80;
const NEAR_BEGINNING_PX = 600;

/** The scrolling part of the right pane. `on` has the handlers that messages need. */
export class Thread {
  constructor(client, on) {
    this.client = client;
    this.on = { ...on, jump: (seq) => this.jumpTo(seq) };
    this.conversation = null;
    this.nodes = new Map();
    this.entries = element("ol", { class: "entries", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    this.scroller = element("div", { class: "thread", tabindex: "0", role: "region", "aria-label": "Messages" }, this.entries);
    this.latest = element(
      "button",
      { type: "button", class: "button latest", hidden: true, onclick: () => this.toEnd(true) },
      "Jump to latest",
    );
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.entries.addEventListener("keydown", (event) => this.#move(event));
    this.observer = new ResizeObserver(() => this.following && this.toEnd());
    this.observer.observe(this.scroller);
    for (const name of ["focus", "visibilitychange"]) window.addEventListener(name, () => this.#markRead());
    document.addEventListener("visibilitychange", () => this.#markRead());
  }

  /** Show another conversation, at its end or at its first new message. */
  open(conversation) {
    this.conversation = conversation;
    this.dividerAfter = conversation.unread > 0 ? conversation.read : null;
    this.following = true;
    this.nodes.clear();
    this.entries.replaceChildren();
    this.render();
    const divider = this.nodes.get("divider")?.node;
    if (divider) {
      divider.scrollIntoView({ block: "center" });
      this.following = this.#atEnd();
    } else this.toEnd();
    this.#scrolled();
  }

  /** Bring the lines up to date; what is being read stays where it is. */
  render() {
    if (!this.conversation) return;
    const anchor = this.following ? null : this.#anchor();
    const lines = linesOf(this.conversation, this.client.user, this.dividerAfter);
    const wanted = new Set(lines.map((line) => line.key));
    for (const [key, { node }] of this.nodes) {
      if (!wanted.has(key)) {
        node.remove();
        this.nodes.delete(key);
      }
    }
    let after = null;
    for (const line of lines) {
      const node = this.#node(line);
      const place = after ? after.nextSibling : this.entries.firstChild;
      if (place !== node) this.entries.insertBefore(node, place);
      after = node;
    }
    if (anchor) this.scroller.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
    else this.toEnd();
    this.#markRead();
  }

  /** Scroll to the newest message. */
  toEnd(smooth = false) {
    this.following = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.latest.hidden = true;
  }

  /** Show a message that is answered, and point it out. */
  jumpTo(seq) {
    const node = this.entries.querySelector(`[data-seq="${seq}"]`);
    if (!node) return;
    this.following = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("target");
    node.focus({ preventScroll: true });
    setTimeout(() => node.classList.remove("target"), 1600);
  }

  #node(line) {
    const context = {
      me: this.client.user,
      role: this.conversation.role,
      group: this.conversation.kind === "group",
      follows: line.follows,
      quoted: line.quoted,
      on: this.on,
    };
    const version = line.kind === "message" ? versionOf(line.item, context) : line.text;
    const known = this.nodes.get(line.key);
    if (known?.version === version) return known.node;
    const node = line.kind === "message"
      ? drawMessage(line.item, context)
      : element("li", { class: line.kind }, line.text);
    if (known) {
      const focused = known.node.contains(document.activeElement);
      known.node.replaceWith(node);
      if (focused) node.focus({ preventScroll: true });
    }
    this.nodes.set(line.key, { node, version });
    return node;
  }

  /** The first line that can be seen: whatever is added above or below, it keeps its place. */
  #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const node of this.entries.children) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top && !node.matches(".beginning, .day")) return { node, top: box.top };
    }
    return null;
  }

  #atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #scrolled() {
    if (!this.conversation) return;
    this.following = this.#atEnd();
    this.latest.hidden = this.following;
    if (this.scroller.scrollTop < NEAR_BEGINNING_PX) this.#loadOlder();
    this.#markRead();
  }

  async #loadOlder() {
    const conversation = this.conversation;
    if (this.loading || !conversation.hasOlder) return;
    this.loading = true;
    try {
      await this.client.loadOlder(conversation.id);
    } catch {
      // Offline: the next scroll asks again.
    } finally {
      this.loading = false;
    }
    if (this.conversation === conversation) {
      this.render();
      if (this.scroller.scrollHeight <= this.scroller.clientHeight && conversation.hasOlder) this.#loadOlder();
    }
  }

  /** What stands at the end of a focused window has been read. */
  #markRead() {
    const conversation = this.conversation;
    if (!conversation || document.hidden || !document.hasFocus() || !this.#atEnd()) return;
    if (conversation.visible > conversation.read) this.client.markRead(conversation.id, conversation.visible);
  }

  #move(event) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const message = document.activeElement?.closest?.(".message");
    if (!step || !message || event.target.closest("textarea")) return;
    let next = message[step];
    while (next && !next.classList.contains("message")) next = next[step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}
