// Elements without markup strings: text from people can never become markup, and the policy allows no inline styles.
import { icon } from "./icons.js";

/** Make an element. Properties beginning with `on` are listeners, `data` and `style` are maps, null is left out. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "style") for (const [key, text] of Object.entries(value)) made.style.setProperty(key, text);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A button that shows an icon and says what it does. */
export function iconButton(name, label, onclick, properties = {}) {
  const classes = ["icon-button", properties.class].filter(Boolean).join(" ");
  const all = { type: "button", title: label, "aria-label": label, onclick, ...properties, class: classes };
  return element("button", all, icon(name));
}

/** Words that only screen readers say. */
export function spoken(text) {
  return element("span", { class: "visually-hidden" }, text);
}

/** Set an element's text, leaving it alone when it says so already. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
