// A person's or group's picture: the first letter on a colour that follows from the name.
import { element } from "./element.js";

const HUES = [6, 24, 42, 96, 148, 174, 196, 214, 234, 262, 290, 332];

/** A hue in degrees that is the same for the same name everywhere; the style sheet makes colours of it. */
export function hueOf(name) {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193) >>> 0;
  return String(HUES[(hash >>> 8) % HUES.length]);
}

/** Draw the avatar; the name stands beside it in words, so it is hidden from screen readers. */
export function avatar(name, { group = false, small = false } = {}) {
  const classes = ["avatar", group && "group", small && "small"].filter(Boolean).join(" ");
  const letter = [...name.trim()][0]?.toUpperCase() ?? "?";
  const dot = element("span", { class: "online-dot" });
  return element("span", { class: classes, "aria-hidden": "true", style: { "--hue": hueOf(name) } }, letter, dot);
}

/** Show or hide the dot that says that somebody is there. */
export function showOnline(drawn, online) {
  drawn.classList.toggle("online", online);
}
