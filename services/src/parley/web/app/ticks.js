// Clock, one, two, and blue ticks: how far one's own message got.
import { element, icon } from "./element.js";

const STATES = {
  pending: ["clock", "0 0 16 17", "waiting to be sent"],
  sent: ["tick", "0 0 16 16", "sent"],
  delivered: ["ticks", "0 0 20 16", "delivered"],
  read: ["ticks", "0 0 20 16", "read"],
  failed: ["bang", "0 0 16 16", "not sent"],
};

/** Draw the state with its words for screen readers. */
export function ticks(status) {
  const [name, box, words] = STATES[status];
  return element(
    "span",
    { class: "ticks", data: { status }, title: words },
    icon(name, box),
    element("span", { class: "visually-hidden" }, words),
  );
}
