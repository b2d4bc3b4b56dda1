// Where messages are written: plain, as an answer, or as an edit.
import { element, iconButton } from "./element.js";
import { quote } from "./message.js";

const TYPING_EVERY_MS = 3000;

/** The bottom of the right pane. `onProblem(text)` shows what went wrong. */
export class Composer {
  constructor(client, onSent, onProblem) {
    this.client = client;
    this.onSent = onSent;
    this.onProblem = onProblem;
    this.drafts = new Map();
    this.conversation = null;
    this.purpose = null;
    this.text = element("textarea", {
      rows: "1",
      placeholder: "Write a message",
      "aria-label": "Message",
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event),
    });
    this.about = element("div", { class: "about", hidden: true });
    this.button = iconButton("send", "Send", () => this.#submit(), { class: "send" });
    this.root = element(
      "form",
      { class: "composer", "aria-label": "Write", onsubmit: (event) => event.preventDefault() },
      this.about,
      element("div", { class: "row" }, this.text, this.button),
    );
  }

  /** Write in another conversation; what was begun elsewhere waits there. */
  open(conversation) {
    if (this.conversation) this.drafts.set(this.conversation.id, this.text.value);
    this.conversation = conversation;
    this.#clear(this.drafts.get(conversation.id) ?? "");
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

  /** Nobody who left may write; the field says so. */
  allow(allowed) {
    this.text.disabled = !allowed;
    this.button.disabled = !allowed;
    this.text.placeholder = allowed ? "Write a message" : "You are no longer a member of this group";
  }

  focus() {
    this.text.focus();
  }

  #about(kind, item, words) {
    this.purpose = { kind, item };
    this.about.replaceChildren(
      element("span", { class: "visually-hidden" }, words),
      quote(item, { me: this.client.user }),
      iconButton("close", `Stop ${words.toLowerCase()}`, () => this.#clear(kind === "edit" ? "" : this.text.value)),
    );
    this.about.hidden = false;
    this.focus();
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && this.purpose) {
      event.stopPropagation();
      this.#clear(this.purpose.kind === "edit" ? "" : this.text.value);
    }
  }

  async #submit() {
    const text = this.text.value.trim();
    if (!text || !this.conversation || this.text.disabled) return;
    const { id } = this.conversation;
    const purpose = this.purpose;
    this.#clear("");
    this.typedAt = 0;
    this.client.typing(id, false);
    try {
      if (purpose?.kind === "edit") {
        await this.client.edit({ conversation: id, seq: purpose.item.seq, text });
      } else {
        const sending = this.client.send({ conversation: id, text, replyTo: purpose?.item.seq ?? null });
        this.onSent();
        await sending;
      }
    } catch (error) {
      if (purpose?.kind === "edit") this.onProblem(`Not changed: ${error.message}`);
    }
  }

  #changed() {
    this.#fit();
    const now = Date.now();
    if (this.text.value && this.conversation && now - (this.typedAt ?? 0) > TYPING_EVERY_MS) {
      this.typedAt = now;
      this.client.typing(this.conversation.id, true);
    }
  }

  #clear(text) {
    this.purpose = null;
    this.about.hidden = true;
    this.text.value = text;
    this.#fit();
  }

  #fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 160)}px`;
  }
}
