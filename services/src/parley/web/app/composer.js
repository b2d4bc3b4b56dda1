// Where messages are written: plain, as an answer, or as an edit.
import { element, iconButton } from "./element.js";
import { quote } from "./message.js";

const TYPING_EVERY_MS = 3000;
const TALLEST_PX = 160;

/** The bottom of the right pane. `on` has sent(), problem(text), and editLast(), which edits one's last message. */
export class Composer {
  constructor(client, on) {
    this.client = client;
    this.on = on;
    this.drafts = new Map();
    this.conversation = null;
    this.purpose = null;
    this.typedAt = 0;
    this.text = element("textarea", {
      rows: "1",
      "aria-label": "Message",
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event),
      onblur: () => this.#stopTyping(),
    });
    this.about = element("div", { class: "about", hidden: true });
    this.button = iconButton("send", "Send", () => this.#submit(), { class: "send" });
    const field = element("div", { class: "field-and-send" }, this.text, this.button);
    const content = element("div", { class: "width" }, this.about, field);
    this.root = element("form", { class: "composer", "aria-label": "Write", onsubmit: (event) => event.preventDefault() }, content);
  }

  /** Write in another conversation; what was begun elsewhere waits there. */
  open(conversation) {
    this.keep();
    this.conversation = conversation;
    this.#reset(this.drafts.get(conversation.id) ?? "");
  }

  /** Keep what was begun, and write nowhere. */
  keep() {
    this.#stopTyping();
    if (this.conversation && this.purpose?.kind !== "edit") this.drafts.set(this.conversation.id, this.text.value);
    this.conversation = null;
  }

  /** Nobody who left may write; the field says so. */
  allow(allowed) {
    this.text.disabled = !allowed;
    this.text.placeholder = allowed ? "Write a message" : "You are no longer a member of this group";
    this.#showButton();
  }

  /** Answer a message. */
  reply(item) {
    this.#about("reply", item, "Answering");
  }

  /** Change one's own message. */
  edit(item) {
    this.#about("edit", item, "Editing");
    this.text.value = item.content?.text ?? "";
    this.#fit();
  }

  focus() {
    this.text.focus();
  }

  #about(kind, item, words) {
    this.purpose = { kind, item };
    this.about.replaceChildren(
      element("span", { class: "purpose" }, words),
      quote(item, { me: this.client.user }),
      iconButton("close", `Stop ${words.toLowerCase()}`, () => this.#stopAbout()),
    );
    this.about.hidden = false;
    this.focus();
  }

  #stopAbout() {
    this.#reset(this.purpose.kind === "edit" ? "" : this.text.value);
    this.focus();
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && this.purpose) {
      event.stopPropagation();
      this.#stopAbout();
    } else if (event.key === "ArrowUp" && this.text.value === "" && !this.purpose) {
      event.preventDefault();
      this.on.editLast();
    }
  }

  async #submit() {
    const text = this.text.value.trim();
    if (!text || !this.conversation || this.text.disabled) return;
    const { id } = this.conversation;
    const { purpose } = this;
    this.#stopTyping();
    this.#reset("");
    this.focus();
    try {
      if (purpose?.kind === "edit") await this.client.edit({ conversation: id, seq: purpose.item.seq, text });
      else {
        const sending = this.client.send({ conversation: id, text, replyTo: purpose?.item.seq ?? null });
        this.on.sent();
        await sending;
      }
    } catch (error) {
      // A message that was refused stands in the thread with its reason; a refused edit stands nowhere.
      if (purpose?.kind === "edit") this.on.problem(`Not changed: ${error.message}`);
    }
  }

  #changed() {
    this.#fit();
    const now = Date.now();
    if (!this.text.value.trim()) this.#stopTyping();
    else if (now - this.typedAt > TYPING_EVERY_MS) {
      this.typedAt = now;
      this.client.typing(this.conversation.id, true);
    }
  }

  #stopTyping() {
    if (this.typedAt > 0 && this.conversation) this.client.typing(this.conversation.id, false);
    this.typedAt = 0;
  }

  #reset(text) {
    this.purpose = null;
    this.about.hidden = true;
    this.text.value = text;
    this.#fit();
  }

  #fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, TALLEST_PX)}px`;
    this.#showButton();
  }

  #showButton() {
    this.button.disabled = this.text.disabled || !this.text.value.trim();
  }
}
