// Says aloud what happens beside the point where a screen reader's user is.
import { element } from "./element.js";

/** A live region; older words make room for newer ones. */
export class Announcer {
  constructor() {
    this.root = element("div", { class: "visually-hidden", role: "log", "aria-live": "polite", "aria-label": "News" });
  }

  /** Say something once the reader has a moment. */
  announce(text) {
    this.root.append(element("p", {}, text));
    while (this.root.children.length > 5) this.root.firstChild.remove();
  }
}
