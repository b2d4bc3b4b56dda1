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

/** The newest thing in a conversation that people see: {item, text}, or null. */
export function newestOf(conversation, me) {
  for (let index = conversation.items.length - 1; index >= 0; index -= 1) {
    const item = conversation.items[index];
    const text = item.kind === "message" ? `${senderPrefix(conversation, item, me)}${textOf(item)}` : systemLine(item, me);
    if (text) return { item, text };
  }
  return null;
}

/** What a message says, also when it says nothing any more. */
export function textOf(item) {
  return item.deleted ? "Message deleted" : (item.content?.text ?? "Edited while you were not in the group");
}

/** Who is typing, in words; empty when nobody is. */
export function typingLine(conversation, me) {
  const names = [...conversation.typing].filter((user) => user !== me);
  if (names.length === 0) return "";
  if (conversation.kind === "direct") return "typing…";
  if (names.length > 3) return "several people are typing…";
  return `${list(names)} ${names.length === 1 ? "is" : "are"} typing…`;
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

function senderPrefix(conversation, item, me) {
  if (item.sender === me) return conversation.kind === "group" ? "You: " : "";
  return conversation.kind === "group" ? `${item.sender}: ` : "";
}
