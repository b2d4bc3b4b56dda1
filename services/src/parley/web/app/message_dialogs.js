// Small dialogs about one message: an emoji for it, who has read it, and whether it is really to go.
import { openDialog } from "./dialog.js";
import { element } from "./element.js";

const EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🙏", "🎉", "🔥", "👏", "🤔", "👀", "✅", "💯", "🚀", "☕", "🌻"];

/** Choose an emoji for a message. */
export function chooseEmoji(client, conversation, item) {
  const dialog = openDialog(
    "React",
    element(
      "div",
      { class: "emoji-choices" },
      ...EMOJI.map((emoji) => element("button", { type: "button", "aria-label": emoji, onclick: () => choose(emoji) }, emoji)),
    ),
  );

  async function choose(emoji) {
    const removed = item.reactions.get(emoji)?.has(client.user) ?? false;
    try {
      const reacting = client.react({ conversation, seq: item.seq, emoji, removed });
      dialog.close();
      await reacting;
    } catch (error) {
      dialog.problem(error.message);
    }
  }
}

/** Show who has received and who has read a message. */
export async function showReaders(client, conversation, item) {
  const content = element("div", { class: "dialog-body", "aria-busy": "true" }, "Asking…");
  const dialog = openDialog("Who has read it", content);
  try {
    const { delivered, read } = await client.readBy(conversation, item.seq);
    const only = delivered.filter((user) => !read.includes(user));
    content.replaceChildren(group("Read by", read), group("Delivered to", only));
  } catch (error) {
    dialog.problem(error.message);
    content.replaceChildren();
  }
  content.removeAttribute("aria-busy");
}

/** Ask before a message is turned into a tombstone. */
export function confirmRemoval(client, conversation, item) {
  const button = element("button", { type: "button", class: "button danger", onclick: remove }, "Delete for everybody");
  const dialog = openDialog(
    "Delete message?",
    element("p", {}, "Its text is removed for everybody and cannot be brought back."),
    element("div", { class: "dialog-actions" }, button),
  );
  button.focus();

  async function remove() {
    try {
      const removing = client.remove({ conversation, seq: item.seq });
      dialog.close();
      await removing;
    } catch (error) {
      dialog.problem(error.message);
    }
  }
}

function group(title, users) {
  return element(
    "section",
    {},
    element("h3", {}, title),
    users.length
      ? element("ul", { class: "people" }, ...users.map((user) => element("li", { class: "person" }, user)))
      : element("p", {}, "nobody yet"),
  );
}
