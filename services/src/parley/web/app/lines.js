// From a conversation's items to the lines of its thread: days, system lines, the divider, messages. Pure.
import { dayKey, dayOf } from "./time.js";
import { systemLine } from "./wording.js";

const FOLLOWS_MS = 5 * 60_000;

/**
 * Lines in order, each {key, kind: "day"|"divider"|"system"|"message"|"beginning", text?, item?, follows?, quoted?}.
 * `dividerAfter` is the seq after which messages are new to this reader, or null.
 */
export function linesOf(conversation, me, dividerAfter) {
  const lines = [];
  const bySeq = new Map(conversation.items.filter((item) => item.seq !== null).map((item) => [item.seq, item]));
  if (!conversation.hasOlder) lines.push({ key: "beginning", kind: "beginning", text: "This is where it begins." });
  let day = null;
  let before = null;
  let divided = dividerAfter === null;
  for (const item of conversation.items) {
    const system = item.kind === "message" ? null : systemLine(item, me);
    if (item.kind !== "message" && system === null) continue;
    if (dayKey(item.createdAt) !== day) {
      day = dayKey(item.createdAt);
      lines.push({ key: `day ${day}`, kind: "day", text: dayOf(item.createdAt) });
      before = null;
    }
    if (!divided && item.kind === "message" && item.sender !== me && (item.seq ?? Infinity) > dividerAfter) {
      divided = true;
      lines.push({ key: "divider", kind: "divider", text: newWords(conversation, me, dividerAfter) });
      before = null;
    }
    if (system !== null) {
      lines.push({ key: `seq ${item.seq}`, kind: "system", text: system });
      before = null;
      continue;
    }
    const follows = before !== null && before.sender === item.sender && closeTo(before, item);
    const quoted = item.replyTo ? (bySeq.get(item.replyTo) ?? null) : null;
    lines.push({ key: keyOf(item), kind: "message", item, follows, quoted });
    before = item;
  }
  return lines;
}

/** A message keeps its key when it gets its seq, so that it is not drawn twice. */
function keyOf(item) {
  return `message ${item.sender} ${item.clientMsgId}`;
}

function closeTo(before, item) {
  return new Date(item.createdAt) - new Date(before.createdAt) < FOLLOWS_MS;
}

function newWords(conversation, me, after) {
  const count = conversation.items.filter(
    (item) => item.kind === "message" && item.sender !== me && item.seq !== null && item.seq > after,
  ).length;
  return count === 1 ? "1 new message" : `${count} new messages`;
}
