// What happened in a conversation, in words.

/** The name under which a conversation is listed. */
export function titleOf(conversation, me) {
  if (conversation.kind === "group") return conversation.title || "Group";
  return conversation.peer === me ? "Notes to myself" : (conversation.peer ?? "…");
}

/** A system line for an entry that is not a message; null for entries that are shown elsewhere. */
export function systemLine(item, me) {
  const who = item.sender === me ? "You" : item.sender;
  const names = list((item.members ?? []).map((name) => (name === me ? "you" : name)));
  switch (item.kind) {
    case "created":
      return `${who} created the group${item.title ? ` “${item.title}”` : ""}${names ? ` with ${names}` : ""}`;
    case "added":
      return `${who} added ${names}`;
    case "removed":
      return `${who} removed ${names}`;
    case "left":
      return `${who} left`;
    case "role":
      return `${who} made ${names} ${item.role === "member" ? "a plain member" : item.role}`;
    case "settings":
      return settingsLine(item, who);
    default:
      return null;
  }
}

/** One line about the newest thing in a conversation. */
export function previewOf(conversation, me) {
  for (let index = conversation.items.length - 1; index >= 0; index -= 1) {
    const item = conversation.items[index];
    if (item.kind !== "message") {
      const line = systemLine(item, me);
      if (line) return line;
      continue;
    }
    const text = item.deleted ? "Message deleted" : (item.content?.text ?? "");
    if (item.sender === me) return `You: ${text}`;
    return conversation.kind === "group" ? `${item.sender}: ${text}` : text;
  }
  return "";
}

/** Names as a person would list them. */
export function list(names) {
  return new Intl.ListFormat(undefined, { type: "conjunction" }).format(names);
}

function settingsLine(item, who) {
  const parts = [];
  if (item.title) parts.push(`renamed the group to “${item.title}”`);
  if (item.openHistory === true) parts.push("opened the whole history to all members");
  if (item.openHistory === false) parts.push("limited new members to what is written after they join");
  return `${who} ${list(parts)}`;
}
