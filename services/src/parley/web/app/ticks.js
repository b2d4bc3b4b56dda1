// Clock, one, two, and blue ticks: how far one's own message got.
import { element, spoken } from "./element.js";
import { icon } from "./icons.js";

const STATES = {
  pending: ["clock", "waiting to be sent"],
  sent: ["tick", "sent"],
  delivered: ["ticks", "delivered"],
  read: ["ticks", "read"],
  failed: ["bang", "not sent"],
};

/** Draw the state with its words for screen readers. */
export function ticks(status) {
  const [name, words] = STATES[status];
  return element("span", { class: "ticks", data: { status }, title: words }, icon(name), spoken(words));
}
