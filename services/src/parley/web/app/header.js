// The bar over the messages: with whom, whether they are there, who is typing.
import { avatar } from "./avatar.js";
import { element, iconButton } from "./element.js";
import { lastSeen } from "./time.js";
import { list, titleOf } from "./wording.js";

/** Draw the bar of a conversation. `on` has back() and info(). */
export function drawHeader(client, conversation, on) {
  const title = titleOf(conversation, client.user);
  const presence = conversation.kind === "direct" ? client.presence.get(conversation.peer) : null;
  return element(
    "header",
    { class: "bar" },
    iconButton("back", "Back to conversations", on.back, { class: "back" }),
    avatar(title, { group: conversation.kind === "group", online: presence?.online ?? false }),
    element(
      "div",
      { class: "titles" },
      element("h2", {}, title),
      element("p", { class: "subtitle", "aria-live": "polite" }, subtitle(client, conversation, presence)),
    ),
    conversation.kind === "group" && conversation.role && iconButton("info", "Group and members", on.info),
  );
}

function subtitle(client, conversation, presence) {
  const typing = [...conversation.typing].filter((user) => user !== client.user);
  if (typing.length) return conversation.kind === "group" ? `${list(typing)} typing…` : "typing…";
  if (conversation.kind === "group") {
    if (!conversation.role) return "you are no longer a member";
    return conversation.memberCount === 1 ? "1 member" : `${conversation.memberCount} members`;
  }
  if (presence?.online) return "online";
  return presence?.lastSeen ? lastSeen(presence.lastSeen) : "";
}
