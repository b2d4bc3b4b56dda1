// The two panes, and the wiring between the client's events and what is shown.
import { Announcer } from "./announcer.js";
import { askForGroup, askForPerson } from "./begin_dialogs.js";
import { Composer } from "./composer.js";
import { ConversationList } from "./conversation_list.js";
import { element, iconButton } from "./element.js";
import { showGroup } from "./group_dialog.js";
import { Header } from "./header.js";
import { showMe } from "./me_dialog.js";
import { messageActions } from "./message_actions.js";
import { ConnectionBar, Problems } from "./notices.js";
import { nameOpened, openedId } from "./opened.js";
import { attentive } from "./reading.js";
import { Thread } from "./thread.js";
import { Watched } from "./watched.js";
import { titleOf } from "./wording.js";

const ONE_PANE = matchMedia("(max-width: 760px)");

/** The signed-in page. `on` has signOut(), which the person wants, and signedOut(reason), which the server says. */
export class Chat {
  constructor(root, client, on) {
    this.client = client;
    this.on = on;
    this.opened = null;
    this.gone = new AbortController();
    this.changed = new Set();
    this.watched = new Watched(client);
    this.problems = new Problems();
    this.announcer = new Announcer();
    this.connection = new ConnectionBar();
    this.list = new ConversationList(client, (id) => this.open(id));
    this.composer = new Composer(client, this.#composerHandlers());
    this.thread = new Thread(client, messageActions(this));
    this.header = new Header(client, { back: () => this.closeThread(), info: () => this.#showGroup() });
    this.main = element("main", { class: "main" });
    this.panes = element("div", { class: "panes" }, this.#side(), this.main);
    root.replaceChildren(this.connection.root, this.panes, this.problems.root, this.announcer.root);
    this.#showNothing();
    this.#listen();
    this.#draw();
  }

  /** Open a conversation in the right pane. */
  open(id) {
    const conversation = this.client.conversations.get(id);
    if (!conversation) return;
    this.opened = id;
    nameOpened(id);
    this.panes.dataset.shows = "thread";
    this.main.replaceChildren(this.header.root, this.thread.scroller, this.thread.latest, this.composer.root);
    this.composer.open(conversation);
    this.#drawOpened(conversation);
    this.list.mark(id);
    this.thread.open(conversation);
    if (ONE_PANE.matches) this.thread.scroller.focus();
    else this.composer.focus();
  }

  /** Go back to the list. */
  closeThread() {
    const id = this.opened;
    if (id === null) return;
    this.opened = null;
    nameOpened(null);
    this.composer.keep();
    this.thread.close();
    this.#showNothing();
    this.list.mark(null);
    this.list.focus(id);
  }

  /** The page is left for good. */
  close() {
    this.gone.abort();
    this.thread.close();
    this.thread.reading.close();
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  }

  #side() {
    const tools = [
      iconButton("compose", "Write to somebody", () => askForPerson(this.client, (id) => this.open(id))),
      iconButton("group", "New group", () => askForGroup(this.client, (id) => this.open(id))),
      iconButton("settings", "You and settings", () => showMe(this.client, this.on.signOut)),
    ];
    const bar = element("div", { class: "bar" }, element("h1", { class: "brand" }, "Parley"), ...tools);
    const me = element("p", { class: "me" }, "Signed in as ", element("b", {}, this.client.user));
    return element("div", { class: "side" }, element("header", {}, bar, this.list.filter), this.list.root, element("footer", {}, me));
  }

  #showNothing() {
    this.panes.dataset.shows = "list";
    const welcome = element(
      "div",
      { class: "welcome" },
      element("img", { src: "/icon.svg", alt: "", width: 80, height: 80 }),
      element("h2", {}, `Hello, ${this.client.user}`),
      element("p", {}, "Choose a conversation, or write to somebody."),
    );
    this.main.replaceChildren(welcome);
  }

  #composerHandlers() {
    return {
      sent: () => this.thread.wrote(),
      problem: (text) => this.problems.tell(text),
      editLast: () => {
        const { items } = this.client.conversations.get(this.opened);
        const own = items.findLast((item) => item.kind === "message" && item.sender === this.client.user && !item.deleted);
        if (own?.seq) this.composer.edit(own);
      },
    };
  }

  #listen() {
    const { client } = this;
    const { signal } = this.gone;
    const follow = (name, listener, target = client) => target.addEventListener(name, listener, { signal });
    follow("state", () => this.#soon(null));
    follow("conversation", (event) => this.#soon(event.detail.id));
    follow("presence", () => this.#soon(null));
    follow("typing", () => this.#soon(null));
    follow("message", (event) => this.#announce(event.detail));
    follow("failed", (event) => event.detail.kind === "send" && this.announcer.announce(`Not sent: ${event.detail.message}`));
    follow("stopped", (event) => this.on.signedOut(event.detail.reason));
    follow("popstate", () => this.#follow(), window);
    follow("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) this.closeThread();
    }, document);
  }

  /** Draw once for everything that changes in the same moment. */
  #soon(id) {
    if (this.changed.size === 0) queueMicrotask(() => !this.gone.signal.aborted && this.#draw());
    this.changed.add(id);
  }

  #draw() {
    const changed = new Set(this.changed);
    this.changed.clear();
    const all = [...this.client.conversations.values()];
    this.list.render();
    this.#showState(all);
    this.watched.show("list", all.filter(({ kind, peer }) => kind === "direct" && peer).map(({ peer }) => peer));
    const conversation = this.client.conversations.get(this.opened);
    if (!conversation) this.#follow();
    else {
      this.#drawOpened(conversation);
      if (changed.has(this.opened)) this.thread.render();
    }
  }

  #drawOpened(conversation) {
    this.header.show(conversation);
    this.composer.allow(conversation.kind === "direct" || conversation.role !== null);
  }

  /** Go where the address says: after a reload, and with the browser's back button. */
  #follow() {
    const id = openedId();
    if (id === this.opened) return;
    if (id === null) this.closeThread();
    else this.open(id);
  }

  #showState(all) {
    const waiting = all.reduce((sum, { items }) => sum + items.filter((item) => item.status === "pending").length, 0);
    this.connection.show(this.client.state, waiting);
    const unread = all.reduce((sum, conversation) => sum + conversation.unread, 0);
    document.title = `${unread > 0 ? `(${unread}) ` : ""}Parley – ${this.client.user}`;
  }

  #announce({ id, entry }) {
    if (entry.kind !== "message" || entry.sender === this.client.user) return;
    const conversation = this.client.conversations.get(id);
    const here = id === this.opened && attentive() ? "" : ` in ${titleOf(conversation, this.client.user)}`;
    this.announcer.announce(`${entry.sender}${conversation.kind === "group" ? here : ""}: ${entry.content?.text ?? ""}`);
  }

  #showGroup() {
    showGroup(this.client, this.opened, this.watched, () => this.closeThread());
  }
}
