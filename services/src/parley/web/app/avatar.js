// A person's or group's picture: the first letter on a colour that follows from the name.
import { element } from "./element.js";

/** A hue that is the same for the same name everywhere. */
export function hueOf(name) {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) % 360;
  return hash;
}

/** Draw the avatar; the name stands beside it in words, so it is hidden from screen readers. */
export function avatar(name, { group = false, small = false, online = false } = {}) {
  const classes = ["avatar", group && "group", small && "small"].filter(Boolean).join(" ");
  const letter = [...name.trim()][0]?.toUpperCase() ?? "?";
  return element(
    "span",
    { class: classes, "aria-hidden": "true", style: { "--avatar": `hsl(${hueOf(name)} 42% 34%)` } },
    letter,
    online && element("span", { class: "online-dot" }),
  );
}

/** The colour of a sender's name in groups, readable on both themes. */
export function nameColour(name) {
  const dark = document.documentElement.dataset.theme === "dark";
  return `hsl(${hueOf(name)} ${dark ? "60% 76%" : "55% 30%"})`;
}
