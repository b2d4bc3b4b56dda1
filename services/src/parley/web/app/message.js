// One message of a thread: bubble, quote, ticks, reactions, and what can be done with it.
import { nameColour } from "./avatar.js";
import { element, iconButton } from "./element.js";
import { ticks } from "./ticks.js";
import { timeOf } from "./time.js";

/** What a message's looks depend on: it is drawn again only when this changes. */
export function versionOf(item, context) {
  return JSON.stringify([
    item.seq, item.status, item.editedAt, item.deleted, item.content?.text, item.error?.message,
    [...item.reactions].map(([emoji, users]) => [emoji, [...users]]), context.follows, context.quoted,
    document.documentElement.dataset.theme,
  ]);
}

/**
 * Draw a message. `context` has: me, group (names are shown), follows (same sender just before), quoted (the message
 * it answers, or null), and `on`, the thread's handlers for react, reply, edit, remove, readers, jump, retry.
 */
export function drawMessage(item, context) {
  const own = item.sender === context.me;
  const classes = ["message", own && "own", context.follows && "follows", item.deleted && "tombstone"];
  const bubble = element(
    "div",
    { class: "bubble" },
    context.group && !own && !context.follows
      ? element("div", { class: "sender", style: { "--name": nameColour(item.sender) } }, item.sender)
      : own ? null : element("span", { class: "visually-hidden" }, `${item.sender}: `),
    context.quoted && quote(context.quoted, context),
    element("div", { class: "text" }, item.deleted ? "This message was deleted" : (item.content?.text ?? "")),
    meta(item, own),
  );
  return element(
    "li",
    { class: classes.filter(Boolean).join(" "), tabindex: "-1", data: { seq: item.seq ?? "", key: item.clientMsgId } },
    item.deleted || item.seq === null ? null : actions(item, own, context),
    bubble,
    reactions(item, context),
    item.status === "failed" && failure(item, context),
  );
}

/** The message that is answered, in short. */
export function quote(item, context) {
  const text = item.deleted ? "This message was deleted" : (item.content?.text ?? "");
  const name = item.sender === context.me ? "You" : item.sender;
  const content = [element("b", {}, name), element("span", {}, text)];
  if (!context.on) return element("div", { class: "quote" }, ...content);
  const label = `Go to the message of ${name} that is answered`;
  return element(
    "button",
    { type: "button", class: "quote", title: label, onclick: () => context.on.jump(item.seq) },
    ...content,
  );
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
  return element(
    "div",
    { class: "reactions" },
    ...shown.map(([emoji, users]) => {
      const mine = users.has(context.me);
      const names = [...users].join(", ");
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
        users.size > 1 ? `${emoji} ${users.size}` : emoji,
      );
    }),
  );
}

function actions(item, own, context) {
  const leader = context.role === "owner" || context.role === "admin";
  return element(
    "div",
    { class: "actions", role: "group", "aria-label": "What to do with this message" },
    iconButton("react", "React", () => context.on.chooseEmoji(item)),
    iconButton("reply", "Reply", () => context.on.reply(item)),
    own && iconButton("edit", "Edit", () => context.on.edit(item)),
    own && iconButton("eye", "Who has read it", () => context.on.readers(item)),
    (own || leader) && iconButton("trash", "Delete", () => context.on.remove(item)),
  );
}

function failure(item, context) {
  return element(
    "div",
    { class: "failure", role: "alert" },
    element("span", {}, `Not sent: ${item.error?.message ?? "it was refused"}`),
    element("button", { type: "button", onclick: () => context.on.retry(item) }, "Send again"),
  );
}
