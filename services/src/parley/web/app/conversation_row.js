// One conversation of the list: its newest line, time, unread count and presence.
import { avatar, showOnline } from "./avatar.js";
import { element, say, spoken } from "./element.js";
import { ticks } from "./ticks.js";
import { shortTime } from "./time.js";
import { newestOf, titleOf, typingLine } from "./wording.js";

/** The node stays the same for as long as the conversation is listed; only what has changed is touched. */
export class ConversationRow {
  constructor(id, choose) {
    this.title = element("span", { class: "name" });
    this.online = spoken("");
    this.when = element("span", { class: "when" });
    this.ticks = element("span", {});
    this.preview = element("span", {});
    this.badge = element("span", { class: "badge", hidden: true });
    this.picture = element("span", { class: "picture" });
    this.button = element(
      "button",
      { type: "button", class: "conversation", tabindex: "-1", data: { id }, onclick: () => choose(id) },
      this.picture,
      this.title,
      this.online,
      this.when,
      element("span", { class: "preview" }, this.ticks, this.preview),
      this.badge,
    );
    this.root = element("li", {}, this.button);
  }

  /** Bring it up to date. */
  show(conversation, { me, presence, chosen }) {
    const title = titleOf(conversation, me);
    const group = conversation.kind === "group";
    if (this.title.textContent !== title) this.picture.replaceChildren(avatar(title, { group }));
    say(this.title, title);
    const online = !group && (presence.get(conversation.peer)?.online ?? false);
    showOnline(this.picture.firstChild, online);
    say(this.online, online ? ", online, " : ", ");
    say(this.when, conversation.lastMessageAt ? shortTime(conversation.lastMessageAt) : "");
    this.#showNewest(conversation, me);
    const { unread } = conversation;
    this.badge.hidden = unread === 0;
    say(this.badge, unread > 999 ? "999+" : String(unread));
    this.badge.setAttribute("aria-label", `${unread} unread`);
    this.badge.setAttribute("role", "img");
    this.button.classList.toggle("unread", unread > 0);
    if (chosen) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
  }

  #showNewest(conversation, me) {
    const typing = typingLine(conversation, me);
    const newest = newestOf(conversation, me);
    say(this.preview, typing || (newest?.text ?? ""));
    this.preview.classList.toggle("typing", typing !== "");
    const item = newest?.item;
    const status = !typing && item?.kind === "message" && item.sender === me && !item.deleted ? item.status : "";
    if (this.ticks.dataset.status === status) return;
    this.ticks.dataset.status = status;
    this.ticks.replaceChildren(...(status ? [ticks(status)] : []));
  }
}
