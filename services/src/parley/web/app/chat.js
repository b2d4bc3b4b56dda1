// The two panes, and the wiring between the client's events and what is shown.
import { askForGroup, askForPerson } from "./begin_dialogs.js";
import { Composer } from "./composer.js";
import { ConversationList } from "./conversation_list.js";
import { element, iconButton } from "./element.js";
import { showGroup } from "./group_dialog.js";
import { drawHeader } from "./header.js";
import { showMe } from "./me_dialog.js";
import { chooseEmoji, confirmRemoval, showReaders } from "./message_dialogs.js";
import { Thread } from "./thread.js";

const CONNECTION = {
  connecting: "Connecting… what you write is kept and sent as soon as there is a connection.",
  offline: "Offline. What you write is kept and sent as soon as there is a connection.",
};

/** The signed-in page. `signOut(reason)` goes back to the first page. */
export class Chat {
  constructor(root, client, signOut) {
    this.client = client;
    this.signOut = signOut;
    this.list = new ConversationList(client, (id) => this.open(id));
    this.thread = new Thread(client, this.#handlers());
    this.composer = new Composer(client, () => this.#sent(), (text) => this.#tell(text, true));
    this.banner = element("div", { class: "connection", role: "status", hidden: true });
    this.header = element("header", { class: "bar" });
    this.right = element("main", { class: "main" }, this.#nothingOpen());
    this.panes = element("div", { class: "panes", data: { shows: "list" } }, this.#side(), this.right);
    root.replaceChildren(this.panes);
    this.#listen();
    this.list.render();
    this.#showConnection();
  }

  /** Open a conversation in the right pane. */
  open(id) {
    const conversation = this.client.conversations.get(id);
    if (!conversation) return;
    this.opened = id;
    this.panes.dataset.shows = "thread";
    this.right.replaceChildren(this.header, this.thread.scroller, this.thread.latest, this.composer.root);
    this.#drawHeader();
    this.composer.open(conversation);
    this.composer.allow(conversation.kind === "direct" || conversation.role !== null);
    this.list.choose(id);
    this.thread.open(conversation);
    if (matchMedia("(min-width: 761px)").matches) this.composer.focus();
    this.#watch();
  }

  #side() {
    return element(
      "aside",
      { class: "side", "aria-label": "All conversations" },
      element(
        "header",
        { class: "bar" },
        element("div", { class: "titles" }, element("h1", { class: "brand" }, "Parley")),
        iconButton("compose", "Write to somebody", () => askForPerson(this.client, (id) => this.open(id))),
        iconButton("group", "New group", () => askForGroup(this.client, (id) => this.open(id))),
        iconButton("menu", "You and settings", () => showMe(this.client, () => this.signOut(""))),
      ),
      this.banner,
      this.list.root,
    );
  }

  #nothingOpen() {
    return element(
      "div",
      { class: "welcome" },
      element("img", { src: "/icon.svg", alt: "" }),
      element("h2", {}, `Hello, ${this.client.user}`),
      element("p", {}, "Choose a conversation, or write to somebody."),
    );
  }

  #handlers() {
    const { client } = this;
    return {
      react: (item, emoji, removed) =>
        client.react({ conversation: this.opened, seq: item.seq, emoji, removed }).catch((error) => this.#tell(error.message, true)),
      chooseEmoji: (item) => chooseEmoji(client, this.opened, item),
      reply: (item) => this.composer.reply(item),
      edit: (item) => this.composer.edit(item),
      remove: (item) => confirmRemoval(client, this.opened, item),
      readers: (item) => showReaders(client, this.opened, item),
      retry: (item) => client.retry(this.opened, item.clientMsgId),
    };
  }

  #listen() {
    const { client } = this;
    client.addEventListener("state", () => this.#showConnection());
    client.addEventListener("conversation", (event) => this.#changed(event.detail.id));
    for (const name of ["presence", "typing"]) client.addEventListener(name, () => this.#soon(null));
    client.addEventListener("failed", (event) => event.detail.kind !== "message" && this.#tell(event.detail.message, true));
    client.addEventListener("stopped", (event) => this.signOut(event.detail.reason));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) this.#back();
    });
    new MutationObserver(() => this.thread.render()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  #changed(id) {
    this.#soon(id);
    this.#watch();
  }

  /** Draw once for all changes that come in the same moment. */
  #soon(id) {
    this.dirty ??= new Set();
    this.dirty.add(id);
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      const changed = this.dirty;
      this.dirty = null;
      this.drawing = false;
      this.list.render();
      if (!this.opened) return;
      this.#drawHeader();
      if (changed.has(this.opened)) {
        const { kind, role } = this.client.conversations.get(this.opened);
        this.composer.allow(kind === "direct" || role !== null);
        this.thread.render();
      }
    });
  }

  #drawHeader() {
    const conversation = this.client.conversations.get(this.opened);
    const drawn = drawHeader(this.client, conversation, {
      back: () => this.#back(),
      info: () => showGroup(this.client, conversation.id, () => this.#back()),
    });
    if (drawn.textContent === this.header.textContent && this.shownId === conversation.id) return;
    const focused = this.header.contains(document.activeElement) ? document.activeElement.title : null;
    this.header.replaceWith(drawn);
    this.header = drawn;
    this.shownId = conversation.id;
    if (focused) drawn.querySelector(`[title="${focused}"]`)?.focus();
  }

  #back() {
    if (!this.opened || this.panes.dataset.shows === "list") return;
    const id = this.opened;
    this.panes.dataset.shows = "list";
    if (matchMedia("(max-width: 760px)").matches) {
      this.opened = null;
      this.thread.conversation = null;
      this.list.choose(null);
      this.right.replaceChildren(this.#nothingOpen());
    }
    this.list.items.querySelector(`[data-id="${id}"]`)?.focus();
  }

  #sent() {
    this.thread.dividerAfter = null;
    this.thread.following = true;
    this.thread.render();
  }

  /** Follow the presence of those on the screen: the peers of direct conversations. */
  #watch() {
    const peers = [...this.client.conversations.values()]
      .filter((conversation) => conversation.kind === "direct" && conversation.peer && conversation.peer !== this.client.user)
      .map((conversation) => conversation.peer)
      .slice(0, 500)
      .sort();
    const wanted = JSON.stringify(peers);
    if (wanted === this.watched) return;
    this.watched = wanted;
    this.client.watch(peers);
  }

  #showConnection() {
    const text = CONNECTION[this.client.state];
    if (text) this.#tell(text, this.client.state === "offline");
    else this.banner.hidden = true;
  }

  #tell(text, bad) {
    this.banner.textContent = text;
    this.banner.classList.toggle("bad", bad);
    this.banner.hidden = false;
  }
}
