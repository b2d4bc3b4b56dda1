// What can be done with a message. There is one toolbar; it goes to the message that has the pointer or the focus.
import { element, iconButton } from "./element.js";

const ROOM_ABOVE_PX = 30;

/** `on` has the handlers chooseEmoji, reply, edit, readers, remove, copy; each gets the item and the message's node. */
export class MessageToolbar {
  constructor(on) {
    this.on = on;
    this.root = element("div", { class: "toolbar", role: "toolbar", "aria-label": "What to do with this message" });
    this.root.addEventListener("keydown", (event) => this.#move(event));
    this.node = null;
    this.shown = "";
  }

  /** Go to a message. `role` is the reader's role in a group, or null. */
  show(node, item, { me, role }) {
    if (item.deleted || item.seq === null) {
      this.hide();
      return;
    }
    this.node = node;
    this.item = item;
    this.#fill(item.sender === me, role === "owner" || role === "admin", role !== null);
    if (this.root.parentNode !== node) node.append(this.root);
    const { top } = node.closest(".thread").getBoundingClientRect();
    this.root.classList.toggle("below", node.getBoundingClientRect().top < top + ROOM_ABOVE_PX);
  }

  hide() {
    this.root.remove();
    this.node = null;
  }

  /** Whether it stands at this message; a message that is drawn anew asks, to show it again. */
  isAt(node) {
    return this.node === node;
  }

  #fill(own, leader, member) {
    const shown = JSON.stringify([own, leader, member]);
    if (shown === this.shown) return;
    this.shown = shown;
    const button = (name, label, handler) =>
      iconButton(name, label, () => this.on[handler](this.item, this.node), { tabindex: "-1" });
    const buttons = [
      member && button("react", "React", "chooseEmoji"),
      member && button("reply", "Reply", "reply"),
      button("copy", "Copy text", "copy"),
      member && own && button("edit", "Edit", "edit"),
      member && own && button("eye", "Who has read it", "readers"),
      member && (own || leader) && button("trash", "Delete", "remove"),
    ].filter(Boolean);
    buttons[0].tabIndex = 0;
    this.root.replaceChildren(...buttons);
  }

  #move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const buttons = [...this.root.children];
    const at = buttons.indexOf(document.activeElement);
    const next = buttons[(at + step + buttons.length) % buttons.length];
    event.preventDefault();
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  }
}
