// The left pane's list: every conversation, the newest first. One stop of the Tab key; arrows move inside.
import { ConversationRow } from "./conversation_row.js";
import { element } from "./element.js";
import { titleOf } from "./wording.js";

/** Without a connection nobody knows who is there. */
const UNKNOWN = new Map();
const KEYS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

/** Keeps the list in step with the client. `choose(id)` is called when somebody opens a conversation. */
export class ConversationList {
  constructor(client, choose) {
    this.client = client;
    this.choose = choose;
    this.chosen = null;
    this.rows = new Map();
    this.items = element("ul", {});
    this.filter = element("input", {
      type: "search",
      class: "filter",
      placeholder: "Search conversations",
      "aria-label": "Search conversations",
      autocomplete: "off",
      oninput: () => this.render(),
      onkeydown: (event) => this.#leaveFilter(event),
    });
    this.empty = element("p", { class: "no-conversations" });
    this.root = element("nav", { class: "conversations", "aria-label": "Conversations" }, this.items, this.empty);
    this.items.addEventListener("keydown", (event) => this.#move(event));
    this.items.addEventListener("focusin", (event) => this.#stopAt(event.target.closest("button")));
  }

  /** Mark the open conversation, or none. */
  mark(id) {
    this.chosen = id;
    this.render();
  }

  /** Put the focus on a conversation, or on the list's stop. */
  focus(id) {
    (this.rows.get(id)?.button ?? this.items.querySelector('button[tabindex="0"]'))?.focus();
  }

  /** Bring the list up to date. */
  render() {
    const { client } = this;
    const shown = this.#matching();
    this.empty.hidden = shown.length > 0;
    this.empty.textContent = this.filter.value
      ? "No conversation is called that."
      : "Nothing here yet. Write to somebody with the pencil above, or begin a group.";
    const presence = client.state === "online" ? client.presence : UNKNOWN;
    const focused = document.activeElement;
    const wanted = new Set(shown.map((conversation) => conversation.id));
    for (const [id, row] of this.rows) if (!wanted.has(id)) this.#drop(id, row);
    let place = this.items.firstChild;
    for (const conversation of shown) {
      const row = this.#row(conversation.id);
      row.show(conversation, { me: client.user, presence, chosen: conversation.id === this.chosen });
      if (row.root === place) place = place.nextSibling;
      else this.items.insertBefore(row.root, place);
    }
    if (this.items.contains(focused)) focused.focus({ preventScroll: true });
    const stop = this.items.querySelector('button[tabindex="0"]') ?? this.items.querySelector("button");
    if (stop) this.#stopAt(stop);
  }

  #matching() {
    const words = this.filter.value.trim().toLowerCase();
    return [...this.client.conversations.values()]
      .filter((conversation) => titleOf(conversation, this.client.user).toLowerCase().includes(words))
      .sort(byTime);
  }

  #row(id) {
    let row = this.rows.get(id);
    if (!row) {
      row = new ConversationRow(id, this.choose);
      this.rows.set(id, row);
    }
    return row;
  }

  #drop(id, row) {
    row.root.remove();
    this.rows.delete(id);
  }

  #stopAt(button) {
    for (const { button: other } of this.rows.values()) other.tabIndex = other === button ? 0 : -1;
  }

  #move(event) {
    const step = KEYS[event.key];
    if (!step) return;
    const buttons = [...this.items.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement) + step;
    event.preventDefault();
    buttons[Math.max(0, Math.min(at, buttons.length - 1))]?.focus();
  }

  #leaveFilter(event) {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      this.focus(null);
    } else if (event.key === "Enter" && this.items.firstChild) this.choose(this.items.querySelector("button").dataset.id);
    else if (event.key === "Escape" && this.filter.value) {
      event.stopPropagation();
      this.filter.value = "";
      this.render();
    }
  }
}

function byTime(one, other) {
  return (other.lastMessageAt ?? "").localeCompare(one.lastMessageAt ?? "") || one.id.localeCompare(other.id);
}
