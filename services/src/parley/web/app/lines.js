// From a conversation's items to the lines of its thread: days, system lines, the divider, messages. Pure.
import { dayKey, dayOf } from "./time.js";
import { systemLine } from "./wording.js";

const FOLLOWS_MS = 5 * 60_000;

/**
 * Lines in order, each {key, kind: "day"|"divider"|"system"|"message"|"beginning", text?, item?, follows?, quoted?}.
 * `divider` is null or {after, count}: everything after the seq `after` is new to this reader. It stands only where
 * what comes before it is known, so that it does not wander while history is loaded.
 */
export function linesOf(conversation, me, divider) {
  const { items, hasOlder } = conversation;
  const lines = [];
  const bySeq = new Map(items.filter((item) => item.seq !== null).map((item) => [item.seq, item]));
  const known = divider !== null && (!hasOlder || (items[0]?.seq ?? Infinity) <= divider.after + 1);
  let divided = !known;
  let day = null;
  let before = null;
  const beginning = items.length > 0 ? "This is where it begins." : "Nothing has been written here yet.";
  if (!hasOlder) lines.push({ key: "beginning", kind: "beginning", text: beginning });
  for (const item of items) {
    const text = item.kind === "message" ? null : systemLine(item, me);
    if (item.kind !== "message" && text === null) continue;
    if (dayKey(item.createdAt) !== day) {
      day = dayKey(item.createdAt);
      lines.push({ key: `day ${day}`, kind: "day", text: dayOf(item.createdAt) });
      before = null;
    }
    if (!divided && item.kind === "message" && item.sender !== me && item.seq > divider.after) {
      divided = true;
      lines.push({ key: "divider", kind: "divider", text: newMessages(divider.count) });
      before = null;
    }
    if (text !== null) {
      lines.push({ key: keyOf(item), kind: "system", text, item });
      before = null;
      continue;
    }
    const follows = before !== null && before.sender === item.sender && closeTo(before, item);
    const quoted = item.replyTo ? (bySeq.get(item.replyTo) ?? { seq: item.replyTo, unknown: true }) : null;
    lines.push({ key: keyOf(item), kind: "message", item, follows, quoted });
    before = item;
  }
  return lines;
}

/** "1 new message", "5 new messages". */
export function newMessages(count) {
  return count === 1 ? "1 new message" : `${count} new messages`;
}

/** Keeps its value when a message gets its seq, so that it is not drawn twice. */
function keyOf(item) {
  return `${item.kind} ${item.sender} ${item.clientMsgId}`;
}

function closeTo(before, item) {
  return new Date(item.createdAt) - new Date(before.createdAt) < FOLLOWS_MS;
}
