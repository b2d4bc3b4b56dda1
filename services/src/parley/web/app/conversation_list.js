// The left pane: every conversation with its newest line, unread count and presence.
import { avatar } from "./avatar.js";
import { element } from "./element.js";
import { shortTime } from "./time.js";
import { list, previewOf, titleOf } from "./wording.js";

/** Keeps the list in step with the client; a row is made anew only when what it shows has changed. */
export class ConversationList {
  constructor(client, onChoose) {
    this.client = client;
    this.onChoose = onChoose;
    this.chosen = null;
    this.rows = new Map();
    this.items = element("ul", {});
    this.empty = element(
      "p",
      { class: "no-conversations" },
      "Nothing here yet. Write to somebody with the pencil above, or open a group.",
    );
    this.root = element("nav", { class: "conversations", "aria-label": "Conversations" }, this.items, this.empty);
    this.items.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Mark the open conversation. */
  choose(id) {
    this.chosen = id;
    this.render();
  }

  /** Bring the list up to date, newest conversation first. */
  render() {
    const all = [...this.client.conversations.values()].sort(byTime);
    this.empty.hidden = all.length > 0;
    const shown = all.map((conversation) => this.#row(conversation));
    for (const [id, row] of this.rows) if (!this.client.conversations.has(id)) row.node.remove();
    shown.forEach((node, index) => {
      if (this.items.children[index] !== node) this.items.insertBefore(node, this.items.children[index] ?? null);
    });
  }

  #row(conversation) {
    const me = this.client.user;
    const title = titleOf(conversation, me);
    const online = conversation.kind === "direct" && (this.client.presence.get(conversation.peer)?.online ?? false);
    const typing = [...conversation.typing].filter((user) => user !== me);
    const facts = [
      title, online, conversation.unread, conversation.lastMessageAt, previewOf(conversation, me), list(typing),
      conversation.id === this.chosen,
    ];
    const version = JSON.stringify(facts);
    const known = this.rows.get(conversation.id);
    if (known?.version === version) return known.node;
    const button = this.#button(conversation, title, online, typing);
    const node = known?.node ?? element("li", {});
    const focused = node.contains(document.activeElement);
    node.replaceChildren(button);
    if (focused) button.focus();
    this.rows.set(conversation.id, { node, version });
    return node;
  }

  #button(conversation, title, online, typing) {
    const unread = conversation.unread;
    const preview = typing.length
      ? `${conversation.kind === "group" ? `${list(typing)} ` : ""}typing…`
      : previewOf(conversation, this.client.user);
    return element(
      "button",
      {
        type: "button",
        class: `conversation${unread ? " unread" : ""}`,
        "aria-current": conversation.id === this.chosen ? "true" : null,
        data: { id: conversation.id },
        onclick: () => this.onChoose(conversation.id),
      },
      avatar(title, { group: conversation.kind === "group", online }),
      element("span", { class: "name" }, title, online && element("span", { class: "visually-hidden" }, ", online")),
      element("span", { class: "when" }, conversation.lastMessageAt ? shortTime(conversation.lastMessageAt) : ""),
      element("span", { class: `preview${typing.length ? " typing" : ""}` }, preview),
      unread
        ? element("span", { class: "badge" }, String(unread), element("span", { class: "visually-hidden" }, " unread"))
        : element("span", {}),
    );
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = [...this.items.querySelectorAll("button")];
    const next = buttons[buttons.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

function byTime(one, other) {
  return (other.lastMessageAt ?? "").localeCompare(one.lastMessageAt ?? "") || one.id.localeCompare(other.id);
}
