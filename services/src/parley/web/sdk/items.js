// Entries as a page draws them: messages, system lines, and what waits to be sent.

/** A message, as it is now. */
export function shownItem(row, shown, status) {
  const reactions = new Map();
  for (const [emoji, user] of shown.reactions) reactions.set(emoji, (reactions.get(emoji) ?? new Set()).add(user));
  return {
    seq: row.seq,
    kind: "message",
    sender: row.sender,
    clientMsgId: row.client_msg_id,
    createdAt: row.created_at,
    content: shown.content,
    editedAt: shown.editedAt,
    deleted: shown.deleted,
    reactions,
    replyTo: shown.content?.reply_to ?? null,
    status,
  };
}

/** A change of members or settings. */
export function systemItem(row) {
  return {
    seq: row.seq,
    kind: row.kind,
    sender: row.sender,
    clientMsgId: row.client_msg_id,
    createdAt: row.created_at,
    members: row.members ?? [],
    role: row.role ?? null,
    title: row.title ?? null,
    openHistory: row.open_history,
    reactions: new Map(),
    status: "sent",
  };
}

/** A message of the outbox. */
export function pendingItem(change, me) {
  return {
    seq: null,
    kind: "message",
    sender: me,
    clientMsgId: change.key,
    createdAt: change.createdAt,
    content: change.frame.content,
    editedAt: null,
    deleted: false,
    reactions: new Map(),
    replyTo: change.frame.content.reply_to ?? null,
    status: change.status,
    error: change.error,
  };
}
