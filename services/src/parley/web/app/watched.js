// Whose presence is followed: everybody who is on the screen, wherever that is, and nobody else.

const MOST = 1000;

/** Several parts of the page name users; the client watches them all together. */
export class Watched {
  constructor(client) {
    this.client = client;
    this.parts = new Map();
    this.watching = "[]";
  }

  /** `part` shows these users from now on; none when it is gone. */
  show(part, users) {
    this.parts.set(part, users);
    const all = [...new Set([...this.parts.values()].flat())].filter((user) => user !== this.client.user);
    const wanted = all.slice(0, MOST).sort();
    const text = JSON.stringify(wanted);
    if (text === this.watching) return;
    this.watching = text;
    this.client.watch(wanted);
  }
}
