// What counts as read: what stands fully on the screen while the window is shown and has the focus.

/** Calls `read(seq)` as one reads. `seen()` gives the highest seq that can be seen, or null. */
export class Reading {
  constructor(seen, read) {
    this.seen = seen;
    this.read = read;
    this.check = () => {
      if (!attentive()) return;
      const seq = this.seen();
      if (seq !== null) this.read(seq);
    };
    window.addEventListener("focus", this.check);
    document.addEventListener("visibilitychange", this.check);
  }

  /** Stop watching. */
  close() {
    window.removeEventListener("focus", this.check);
    document.removeEventListener("visibilitychange", this.check);
  }
}

/** Whether somebody looks at this window. */
export function attentive() {
  return !document.hidden && document.hasFocus();
}
