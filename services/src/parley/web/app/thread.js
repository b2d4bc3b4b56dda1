// The messages of one conversation: drawn by key inside a window, scrolled without jumps.
import { element, iconButton, say } from "./element.js";
import { LineWindow } from "./line_window.js";
import { linesOf, newMessages } from "./lines.js";
import { drawMessage, versionOf } from "./message.js";
import { MessageToolbar } from "./message_toolbar.js";
import { attentive, Reading } from "./reading.js";

const NEAR_END_PX = 80;
const NEAR_EDGE_PX = 800;
const PAGES_TO_DIVIDER = 10;
const PAGES_TO_JUMP = 100;

/** The scrolling part of the right pane. `on` has the handlers that messages and their toolbar need. */
export class Thread {
  constructor(client, on) {
    this.client = client;
    this.on = { ...on, jump: (seq) => this.jumpTo(seq) };
    this.conversation = null;
    this.divider = null;
    this.window = new LineWindow();
    this.lines = [];
    this.drawn = new Map();
    this.toolbar = new MessageToolbar(on);
    this.entries = element("ol", { class: "entries" });
    this.scroller = element("div", { class: "thread", tabindex: "0", role: "region", "aria-label": "Messages" }, this.entries);
    this.newCount = element("span", { class: "count" });
    this.latest = iconButton("down", "Jump to latest", () => this.toNewest(), { class: "latest", hidden: true });
    this.latest.append(this.newCount);
    this.reading = new Reading(() => this.#seen(), (seq) => this.#markRead(seq));
    this.#listen();
  }

  /** Show another conversation, at its first new message or at its end. */
  async open(conversation) {
    this.conversation = conversation;
    this.divider = conversation.unread > 0 ? { after: conversation.read, count: conversation.unread } : null;
    this.window.toNewest();
    this.drawn.clear();
    this.toolbar.hide();
    this.entries.replaceChildren();
    this.following = this.divider === null;
    this.arriving = conversation;
    this.render();
    if (this.divider) await this.#goToDivider(conversation);
    if (this.conversation !== conversation) return;
    this.arriving = null;
    this.#scrolled();
  }

  /** Show nothing, and read nothing. */
  close() {
    this.conversation = null;
    this.entries.replaceChildren();
    this.drawn.clear();
  }

  /** Bring the lines up to date; what is being read stays where it is. */
  render() {
    if (!this.conversation) return;
    this.#keepDivider();
    this.lines = linesOf(this.conversation, this.client.user, this.divider);
    if (this.following) this.window.trim(this.lines);
    this.#draw();
    if (this.following) this.#toBottom();
    this.#showLatest();
    this.reading.check();
  }

  /** Scroll to the newest message. */
  toNewest() {
    if (!this.window.atNewest) {
      this.window.toNewest();
      this.#draw();
    }
    this.following = true;
    this.#toBottom();
    this.#showLatest();
    this.reading.check();
  }

  /** One has written: what was new is answered, and the own message is looked at. */
  wrote() {
    this.divider = null;
    this.window.toNewest();
    this.following = true;
    this.render();
  }

  /** Show a message that is answered, loading what lies between, and point it out. */
  async jumpTo(seq) {
    const { conversation } = this;
    const has = () => conversation.items.some((item) => item.seq === seq);
    await this.#loadUntil(conversation, () => has() || (conversation.items[0]?.seq ?? 0) < seq, PAGES_TO_JUMP);
    if (this.conversation !== conversation) return;
    const index = this.lines.findIndex((line) => line.item?.seq === seq);
    if (index < 0) return;
    const [start, end] = this.window.range(this.lines);
    if (index < start || index >= end) this.window.around(this.lines, index);
    this.following = false;
    this.#draw();
    const { node } = this.drawn.get(this.lines[index].key);
    node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
    node.classList.add("target");
    node.addEventListener("animationend", () => node.classList.remove("target"), { once: true });
  }

  #listen() {
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.following && this.#toBottom()).observe(this.scroller);
    const toolbarFor = (event) => this.#toolbarAt(event.target.closest(".message"));
    this.entries.addEventListener("pointerover", (event) => this.#keyboardIsAtMessage() || toolbarFor(event));
    this.entries.addEventListener("focusin", toolbarFor);
    this.scroller.addEventListener("pointerleave", () => this.#toolbarAt(document.activeElement?.closest?.(".message")));
    this.scroller.addEventListener("keydown", (event) => this.#key(event));
  }

  /** What comes while nobody looks, or while he looks elsewhere, is new when he comes back. */
  #keepDivider() {
    const { read, unread } = this.conversation;
    const looks = this.following && attentive() && !this.arriving;
    if (unread > 0 && !looks && (this.divider === null || this.allRead)) this.divider = { after: read, count: unread };
    else if (unread > 0 && read <= this.divider?.after) this.divider.count = unread;
    this.allRead = unread === 0;
  }

  #draw() {
    const anchor = this.following ? null : this.#anchor();
    const shown = this.lines.slice(...this.window.range(this.lines));
    const wanted = new Set(shown.map((line) => line.key));
    for (const [key, { node }] of this.drawn) {
      if (wanted.has(key)) continue;
      if (this.toolbar.isAt(node)) this.toolbar.hide();
      node.remove();
      this.drawn.delete(key);
    }
    let place = this.entries.firstChild;
    for (const line of shown) {
      const node = this.#node(line);
      if (node === place) place = place.nextSibling;
      else this.entries.insertBefore(node, place);
    }
    if (anchor?.node.isConnected) this.scroller.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
  }

  #node(line) {
    const version = line.kind === "message" ? versionOf(line) : line.text;
    const known = this.drawn.get(line.key);
    if (known?.version === version) {
      known.line = line;
      return known.node;
    }
    const node = known?.node ?? element("li", line.kind === "message" ? { tabindex: "-1" } : { class: line.kind });
    this.drawn.set(line.key, { node, version, line });
    if (line.kind !== "message") say(node, line.text);
    else this.#drawMessage(node, line);
    return node;
  }

  #drawMessage(node, line) {
    const active = node.contains(document.activeElement) ? document.activeElement : null;
    const { kind } = this.conversation;
    node.dataset.key = line.key;
    drawMessage(node, line, { me: this.client.user, group: kind === "group", on: this.on });
    if (this.toolbar.isAt(node)) this.#toolbarAt(node);
    if (active && active !== document.activeElement) {
      (active.isConnected ? active : node).focus({ preventScroll: true });
    }
  }

  /** A pointer that rests while the page moves under it must not take the toolbar from whoever uses the keyboard. */
  #keyboardIsAtMessage() {
    const active = document.activeElement;
    return this.toolbar.root.contains(active) || active?.matches?.(".message:focus-visible");
  }

  #toolbarAt(node) {
    const line = node && this.drawn.get(node.dataset.key)?.line;
    if (line) this.toolbar.show(node, line.item, { me: this.client.user, role: this.#role() });
    else if (!this.toolbar.root.contains(document.activeElement)) this.toolbar.hide();
  }

  #role() {
    return this.conversation.kind === "direct" ? "member" : this.conversation.role;
  }

  /** The first message that can be seen: whatever is added above or below, it keeps its place. */
  #anchor() {
    const { top } = this.scroller.getBoundingClientRect();
    for (const node of this.entries.children) {
      if (!node.matches(".message, .system")) continue;
      const box = node.getBoundingClientRect();
      if (box.bottom > top) return { node, top: box.top };
    }
    return null;
  }

  #atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return this.window.atNewest && scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #scrolled() {
    if (!this.conversation || this.arriving) return;
    this.following = this.#atEnd();
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    if (scrollTop < NEAR_EDGE_PX) {
      if (this.window.up(this.lines)) this.#draw();
      else this.#loadOlder();
    } else if (scrollHeight - scrollTop - clientHeight < NEAR_EDGE_PX && this.window.down(this.lines)) this.#draw();
    this.#showLatest();
    this.reading.check();
  }

  async #loadOlder() {
    const { conversation } = this;
    if (!conversation.hasOlder || this.loading === conversation) return;
    if (!(await this.#loadUntil(conversation, () => false, 1))) return;
    if (this.conversation !== conversation) return;
    this.window.up(this.lines);
    this.#draw();
    this.#scrolled();
  }

  /** Load pages until `enough()` or the beginning. Returns false when a page could not be loaded. */
  async #loadUntil(conversation, enough, pages) {
    this.loading = conversation;
    this.entries.setAttribute("aria-busy", "true");
    try {
      for (let page = 0; page < pages && conversation.hasOlder && !enough(); page += 1) {
        await this.client.loadOlder(conversation.id);
        if (this.conversation !== conversation) return false;
        this.render();
      }
      return true;
    } catch {
      return false;
    } finally {
      this.loading = null;
      this.entries.removeAttribute("aria-busy");
    }
  }

  async #goToDivider(conversation) {
    const { after } = this.divider;
    const known = () => (conversation.items[0]?.seq ?? Infinity) <= after + 1;
    await this.#loadUntil(conversation, known, PAGES_TO_DIVIDER);
    if (this.conversation !== conversation) return;
    const index = this.lines.findIndex((line) => line.kind === "divider");
    if (index < 0) return;
    this.window.around(this.lines, index);
    this.#draw();
    const { top, height } = this.scroller.getBoundingClientRect();
    const divider = this.drawn.get("divider").node.getBoundingClientRect();
    this.scroller.scrollTop += divider.top - top - height / 4;
  }

  #showLatest() {
    const { conversation } = this;
    this.latest.hidden = this.following;
    const unread = conversation.unread;
    say(this.newCount, unread > 0 ? String(unread) : "");
    this.latest.setAttribute("aria-label", unread > 0 ? `Jump to latest, ${newMessages(unread)}` : "Jump to latest");
  }

  /** The highest seq that stands on the screen. */
  #seen() {
    if (!this.conversation || this.arriving || !this.scroller.isConnected) return null;
    if (this.#atEnd()) return this.conversation.visible;
    const { bottom } = this.scroller.getBoundingClientRect();
    for (let node = this.entries.lastElementChild; node; node = node.previousElementSibling) {
      const seq = Number(node.dataset.seq ?? 0);
      if (seq > 0 && node.getBoundingClientRect().bottom <= bottom) return seq;
    }
    return null;
  }

  #markRead(seq) {
    if (seq > this.conversation.read) this.client.markRead(this.conversation.id, seq);
  }

  #key(event) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!step || event.target.closest("button, a, textarea")) return;
    const current = document.activeElement.closest(".message");
    let next = current ? current[step] : this.entries.lastElementChild;
    while (next && !next.classList.contains("message")) next = next[step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}
