// Keeps the outbox over reloads of the page, for each user apart.

/** `storage` is one of the browser's, or null to keep nothing. */
export class OutboxStorage {
  constructor(storage, user) {
    this.storage = storage;
    this.key = `parley.outbox.${user}`;
  }

  /** The changes that were kept; none when they cannot be read. */
  load() {
    try {
      return JSON.parse(this.storage?.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }

  /** Keep these instead of those kept before. */
  save(changes) {
    if (changes.length > 0) this.storage?.setItem(this.key, JSON.stringify(changes));
    else this.storage?.removeItem(this.key);
  }
}
