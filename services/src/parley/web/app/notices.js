// What concerns the whole page: the state of the connection, and problems that belong to nothing on the screen.
import { element, iconButton, say } from "./element.js";

const SHOWN_MS = 8000;

/** The bar over everything while there is no connection. */
export class ConnectionBar {
  constructor() {
    this.root = element("div", { class: "connection", role: "status" });
  }

  /** `waiting` is how many messages wait to be sent. */
  show(state, waiting) {
    const offline = state === "offline";
    const hidden = state !== "offline" && state !== "connecting";
    const kept = waiting === 0 ? "What you write is kept and sent later." : `${countOf(waiting)} to be sent.`;
    say(this.root, hidden ? "" : `${offline ? "No connection." : "Connecting…"} ${kept}`);
    this.root.classList.toggle("bad", offline);
  }
}

/** Problems that go away by themselves after a while. */
export class Problems {
  constructor() {
    this.root = element("div", { class: "problems", role: "alert" });
  }

  tell(text) {
    const note = element("div", { class: "problem" }, element("span", {}, text), iconButton("close", "Dismiss", remove));
    const timer = setTimeout(remove, SHOWN_MS);
    this.root.append(note);

    function remove() {
      clearTimeout(timer);
      note.remove();
    }
  }
}

function countOf(waiting) {
  return waiting === 1 ? "1 message waits" : `${waiting} messages wait`;
}
