// Plays the golden vectors with the JavaScript SDK; what differs is returned, so that a test can show it.
import { JSON_CODEC, MESSAGEPACK_CODEC } from "/sdk/codec.js";
import { Core } from "/sdk/core.js";
import { directConversationId } from "/sdk/identity.js";

const CONVERSATION = "3455e7d0-b693-5b45-be3a-88cafd3dd899";

/** Both encodings decode to the same frame, and encode again to an equal one. */
export function differingFrames(vectors) {
  return vectors.filter((vector) => {
    const frame = JSON_CODEC.decode(vector.json);
    const bytes = Uint8Array.from(vector.msgpack.match(/../g).map((pair) => parseInt(pair, 16)));
    const wanted = canonical(frame);
    const others = [
      MESSAGEPACK_CODEC.decode(bytes),
      MESSAGEPACK_CODEC.decode(MESSAGEPACK_CODEC.encode(frame)),
      JSON_CODEC.decode(JSON_CODEC.encode(frame)),
    ];
    return others.some((other) => canonical(other) !== wanted);
  });
}

/** Ids of direct conversations that are not what they should be. */
export function differingIdentities(vectors) {
  return vectors.filter(({ one, other, id }) => directConversationId(one, other) !== id);
}

/** The first step of a scenario that has another result: {step, wanted, got}; null when all are alike. */
export function differingStep({ steps, results }) {
  const core = new Core({ user: "ann", device: "phone", random: () => 0.5 });
  for (const [index, step] of steps.entries()) {
    const got = resultOf(core, apply(core, step));
    const wanted = { ...results[index], frames: sorted(results[index].frames) };
    if (canonical(got) !== canonical(wanted)) return { step, wanted, got };
  }
  return null;
}

function apply(core, step) {
  switch (step.do) {
    case "start": return core.start(step.now);
    case "tick": return core.tick(step.now);
    case "connected": return core.connected("token", step.now);
    case "disconnected": return core.disconnected(step.code, step.now);
    case "receive": return core.receive(step.frame, step.now);
    case "send": return core.change(changeOf(step), step.now);
    default: throw new Error(`no step is called ${step.do}`);
  }
}

function changeOf({ key, text }) {
  const frame = { type: "send", client_msg_id: key, content: { text }, conversation: CONVERSATION };
  return { key, conversation: CONVERSATION, createdAt: "2026-11-25T10:00:00.000Z", frame };
}

function resultOf(core, action) {
  const { frames, events } = core.take();
  const known = core.conversations.get(CONVERSATION);
  const rows = known?.timeline.entries().filter((row) => row.kind === "message") ?? [];
  const of = (type) => events.filter((event) => event.type === type);
  return {
    action: action ?? null,
    state: core.state,
    frames: sorted(frames),
    told: of("message").map(({ entry }) => entry.seq),
    settled: of("settled").map(({ key, seq }) => [key, seq]),
    failed: of("failed").map(({ key, code }) => [key, code]),
    offline: of("state").filter(({ state }) => state === "offline").map(({ reason, againInMs }) => [reason, againInMs]),
    outbox: core.outbox.changes.filter(({ status }) => status !== "failed").map(({ key }) => key),
    cursor: known?.cursor ?? 0,
    unread: known?.unread ?? 0,
    read: known?.read ?? 0,
    has_older: known?.hasOlder ?? false,
    messages: rows.map((row) => {
      const { seq, content, editedSeq, deleted, reactions } = known.timeline.shown(row);
      return [seq, content?.text ?? null, editedSeq, deleted, reactions];
    }),
    watermarks: Object.fromEntries([...(known?.watermarks ?? [])].map(([user, m]) => [user, [m.delivered, m.read]])),
  };
}

/** Frames of one step may leave in any order but for changes, whose ids count. Defaults are left out. */
function sorted(frames) {
  return frames.map(withoutDefaults).sort((one, other) => canonical(one).localeCompare(canonical(other)));
}

function withoutDefaults(frame) {
  const entries = Object.entries(frame).filter(([, value]) => value !== undefined && value !== null && value !== false);
  return Object.fromEntries(entries.filter(([name, value]) => name !== "cursors" || Object.keys(value).length > 0));
}

/** The same text for equal values, whatever the order of their keys. */
function canonical(value) {
  return JSON.stringify(value, (_, part) => {
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
