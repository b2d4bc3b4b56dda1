// One message of a thread: sender, quote, text, ticks, reactions, and why it was not sent.
import { hueOf } from "./avatar.js";
import { element, spoken } from "./element.js";
import { drawText } from "./text.js";
import { ticks } from "./ticks.js";
import { timeOf } from "./time.js";
import { textOf } from "./wording.js";

/** What a message's looks depend on: it is drawn again only when this changes. */
export function versionOf({ item, follows, quoted }) {
  return JSON.stringify([
    item.seq, item.status, item.editedAt, item.deleted, item.content?.text, item.error?.message, item.createdAt, follows,
    [...item.reactions].map(([emoji, users]) => [emoji, ...users]),
    quoted && [quoted.seq, quoted.deleted, quoted.content?.text],
  ]);
}

/**
 * Draw a message into its list item. `context` has: me, group (names are shown), and `on`, the handlers jump(seq),
 * react(item, emoji, removed), retry(item), discard(item).
 */
export function drawMessage(node, line, context) {
  const { item, follows, quoted } = line;
  const own = item.sender === context.me;
  const classes = ["message", own && "own", follows && "follows", item.deleted && "tombstone", `is-${item.status}`];
  node.className = classes.filter(Boolean).join(" ");
  node.dataset.seq = item.seq ?? "";
  const named = context.group && !own && !follows;
  node.replaceChildren(
    ...[
      element(
        "div",
        { class: "bubble" },
        named
          ? element("div", { class: "sender", style: { "--hue": hueOf(item.sender) } }, item.sender)
          : spoken(`${own ? "You" : item.sender}: `),
        quoted && !item.deleted && quote(quoted, context),
        drawText(textOf(item)),
        meta(item, own),
      ),
      reactions(item, context),
      item.status === "failed" && failure(item, context),
    ].filter(Boolean),
  );
}

/** The message that is answered, in short; with `on` it leads there. */
export function quote(item, context) {
  const name = item.unknown ? "Earlier message" : item.sender === context.me ? "You" : item.sender;
  const text = item.unknown ? "Show it" : textOf(item);
  const content = [element("b", {}, name), element("span", {}, text)];
  const style = { "--hue": hueOf(item.sender ?? "") };
  if (!context.on) return element("div", { class: "quote", style }, ...content);
  const title = `Go to the message of ${item.unknown ? "before" : name} that this answers`;
  return element("button", { type: "button", class: "quote", title, style, onclick: () => context.on.jump(item.seq) }, ...content);
}

function meta(item, own) {
  return element(
    "div",
    { class: "meta" },
    item.editedAt && !item.deleted && element("span", {}, "edited"),
    element("time", { datetime: item.createdAt }, timeOf(item.createdAt)),
    own && !item.deleted && ticks(item.status),
  );
}

function reactions(item, context) {
  const shown = [...item.reactions].filter(([, users]) => users.size > 0);
  if (item.deleted || shown.length === 0) return null;
  return element("div", { class: "reactions" }, ...shown.map(([emoji, users]) => {
    const mine = users.has(context.me);
    const names = [...users].map((user) => (user === context.me ? "you" : user)).join(", ");
    return element(
      "button",
      {
        type: "button",
        class: "reaction",
        title: names,
        "aria-pressed": String(mine),
        "aria-label": `${emoji} by ${names}`,
        onclick: () => context.on.react(item, emoji, mine),
      },
      element("span", { class: "emoji" }, emoji),
      users.size > 1 && element("span", {}, String(users.size)),
    );
  }));
}

function failure(item, context) {
  return element(
    "div",
    { class: "failure" },
    element("span", {}, `Not sent: ${item.error?.message ?? "it was refused"}`),
    element("button", { type: "button", class: "link", onclick: () => context.on.retry(item) }, "Try again"),
    element("button", { type: "button", class: "link danger", onclick: () => context.on.discard(item) }, "Discard"),
  );
}
