// Entries of a conversation as people see them: messages with edits, deletions and reactions folded in. Pure.
//
// Rows of a page already carry what happened to them; entries that were pushed later change them further. So every
// change is held, and applied again over whatever row comes: the newest edit wins, a deletion is for good, and of each
// user's word on an emoji the newest counts. That gives the same result in whatever order rows and changes arrive.

const CHANGES = ["edit", "delete", "reaction"];

/** Holds entries from `low` on; older ones come by paging back. */
export class Timeline {
  constructor() {
    this.low = 1;
    this.hasOlder = false;
    this.rows = new Map();
    this.changes = new Map();
  }

  /** Begin again at a seq: between it and what was held there is a hole. */
  reset(low, hasOlder) {
    this.rows.clear();
    this.changes.clear();
    this.low = low;
    this.hasOlder = hasOlder;
  }

  /** Take an entry, pushed or paged; again is harmless. */
  hold(entry) {
    if (!this.rows.has(entry.seq)) this.rows.set(entry.seq, entry);
    if (!CHANGES.includes(entry.kind) || entry.target_seq === undefined || entry.redacted) return;
    if (!this.changes.has(entry.target_seq)) this.changes.set(entry.target_seq, new Map());
    this.changes.get(entry.target_seq).set(entry.seq, entry);
  }

  /** Take a page of what is older. */
  holdOlder(page) {
    for (const entry of page.messages ?? []) this.hold(entry);
    this.low = Math.min(this.low, page.first);
    this.hasOlder = page.more ?? false;
  }

  /** Entries that are shown by themselves, in order. */
  entries() {
    const held = [...this.rows.values()].filter((row) => !CHANGES.includes(row.kind));
    return held.sort((one, other) => one.seq - other.seq);
  }

  /** A message as it is now: {seq, sender, content, editedSeq, editedAt, deleted, reactions: [[emoji, user]]}. */
  shown(row) {
    let { content } = row;
    let editedSeq = row.edited_seq ?? 0;
    let editedAt = row.edited_at ?? null;
    let deleted = row.deleted_seq !== undefined;
    const words = new Map();
    for (const { emoji, user, seq } of row.reactions ?? []) words.set(`${emoji} ${user}`, { emoji, user, seq, set: true });
    const changes = [...(this.changes.get(row.seq)?.values() ?? [])].sort((one, other) => one.seq - other.seq);
    for (const change of changes) {
      const word = `${change.emoji} ${change.sender}`;
      if (change.kind === "delete") deleted = true;
      else if (change.kind === "edit" && change.seq > editedSeq && change.content) {
        [content, editedSeq, editedAt] = [change.content, change.seq, change.created_at];
      } else if (change.kind === "reaction" && change.seq > (words.get(word)?.seq ?? 0)) {
        words.set(word, { emoji: change.emoji, user: change.sender, seq: change.seq, set: !change.removed });
      }
    }
    const set = [...words.values()].filter((word) => word.set && !deleted).sort((one, other) => one.seq - other.seq);
    return {
      seq: row.seq,
      sender: row.sender,
      content: deleted ? null : (content ?? null),
      editedSeq: deleted ? null : editedSeq || null,
      editedAt: deleted ? null : editedAt,
      deleted,
      reactions: set.map(({ emoji, user }) => [emoji, user]),
    };
  }
}
