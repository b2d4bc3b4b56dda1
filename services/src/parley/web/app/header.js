// The bar over the messages: with whom, whether they are there, who is typing.
import { avatar, showOnline } from "./avatar.js";
import { element, iconButton, say } from "./element.js";
import { lastSeen } from "./time.js";
import { titleOf, typingLine } from "./wording.js";

/** `on` has back() and info(). */
export class Header {
  constructor(client, on) {
    this.client = client;
    this.title = element("h2", {});
    this.subtitle = element("p", { class: "subtitle", "aria-live": "polite" });
    this.picture = element("span", { class: "picture" });
    this.info = iconButton("info", "Group and members", on.info);
    const titles = element("div", { class: "titles" }, this.title, this.subtitle);
    const back = iconButton("back", "Back to conversations", on.back, { class: "back" });
    this.root = element("header", { class: "bar" }, back, this.picture, titles, this.info);
  }

  /** Bring it up to date with a conversation. */
  show(conversation) {
    const { client } = this;
    const title = titleOf(conversation, client.user);
    const group = conversation.kind === "group";
    if (this.title.textContent !== title) this.picture.replaceChildren(avatar(title, { group }));
    say(this.title, title);
    const presence = group || client.state !== "online" ? null : client.presence.get(conversation.peer);
    showOnline(this.picture.firstChild, presence?.online ?? false);
    const typing = typingLine(conversation, client.user);
    say(this.subtitle, typing || subtitle(conversation, presence));
    this.subtitle.classList.toggle("typing", typing !== "");
    this.info.hidden = !group || conversation.role === null;
  }
}

function subtitle(conversation, presence) {
  if (conversation.kind === "group") {
    if (!conversation.role) return "You are no longer a member";
    return conversation.memberCount === 1 ? "1 member" : `${conversation.memberCount} members`;
  }
  if (presence?.online) return "online";
  return presence?.lastSeen ? lastSeen(presence.lastSeen) : "";
}
