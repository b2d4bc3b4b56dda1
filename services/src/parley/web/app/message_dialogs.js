// Small dialogs about one message: an emoji for it, who has read it, and whether it is really to go.
import { avatar } from "./avatar.js";
import { confirmDialog, openDialog } from "./dialog.js";
import { element } from "./element.js";
import { timeOf } from "./time.js";

const EMOJI = {
  "👍": "thumbs up", "❤️": "heart", "😂": "laughing", "😮": "surprised", "😢": "sad", "🙏": "thanks",
  "🎉": "celebrate", "🔥": "fire", "👏": "applause", "🤔": "thinking", "👀": "looking", "✅": "done",
  "💯": "hundred", "🚀": "rocket", "☕": "coffee", "🌻": "sunflower", "😅": "relieved", "🤝": "agreed",
};
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6 };

/** Choose an emoji for a message; calls `chosen(emoji, removed)`. It opens beside `node`. */
export function chooseEmoji(item, me, node, chosen) {
  const buttons = Object.entries(EMOJI).map(([emoji, words]) => {
    const mine = item.reactions.get(emoji)?.has(me) ?? false;
    const pick = () => {
      dialog.close();
      chosen(emoji, mine);
    };
    const properties = { type: "button", title: words, "aria-label": `${emoji} ${words}`, "aria-pressed": String(mine), onclick: pick };
    return element("button", properties, emoji);
  });
  const grid = element("div", { class: "emoji-choices", onkeydown: move }, ...buttons);
  const dialog = openDialog("React", grid);
  dialog.dialog.classList.add("small");
  placeBeside(dialog.dialog, node.querySelector(".bubble"));
  buttons[0].focus();

  function move(event) {
    const next = buttons[buttons.indexOf(document.activeElement) + (STEPS[event.key] ?? NaN)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

/** Show who has received and who has read a message; it follows while it is open. */
export function showReaders(client, conversation, item) {
  const content = element("div", { class: "readers", "aria-busy": "true" }, "Asking…");
  const sent = element("p", { class: "hint" }, `Sent at ${timeOf(item.createdAt)}.`);
  const dialog = openDialog("Who has read it", sent, content);
  const over = new AbortController();
  const follow = (event) => event.detail.id === conversation && ask();
  client.addEventListener("conversation", follow, { signal: over.signal });
  dialog.dialog.addEventListener("close", () => over.abort());
  let asking = false;
  let again = false;
  ask();

  async function ask() {
    again = asking;
    if (asking) return;
    asking = true;
    try {
      draw(await client.readBy(conversation, item.seq));
    } catch (error) {
      dialog.problem(error.message);
      content.replaceChildren();
    }
    asking = false;
    content.removeAttribute("aria-busy");
    if (again && !over.signal.aborted) ask();
  }

  function draw({ delivered, read }) {
    const only = delivered.filter((user) => !read.includes(user));
    content.replaceChildren(people("Read by", read));
    if (only.length > 0 || read.length === 0) content.append(people("Delivered to", only));
  }
}

/** Ask before a message is turned into a tombstone. */
export function confirmRemoval(remove) {
  const text = "What it says is removed for everybody and cannot be brought back.";
  confirmDialog("Delete this message?", text, "Delete for everybody", remove);
}

function people(title, users) {
  const rows = users.map((user) =>
    element("li", { class: "person" }, avatar(user, { small: true }), element("span", { class: "who" }, user)));
  const content = users.length ? element("ul", { class: "people" }, ...rows) : element("p", { class: "hint" }, "Nobody yet.");
  return element("section", {}, element("h3", {}, title), content);
}

function placeBeside(dialog, target) {
  const at = target.getBoundingClientRect();
  const { width, height } = dialog.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  const below = at.bottom + 8 + height < innerHeight;
  dialog.style.margin = "0";
  dialog.style.left = `${left}px`;
  dialog.style.top = `${below ? at.bottom + 8 : Math.max(8, at.top - height - 8)}px`;
}
