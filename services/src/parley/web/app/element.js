// Elements without markup strings: text from people can never become markup, and the policy allows no inline styles.

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

const SHAPES = {
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  compose: "M4 20h4l11-11-4-4L4 16zM13 7l4 4",
  group: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 5a3 3 0 0 1 0 6M17.500 14.500c2.300.6 3.700 2.400 4 5.500",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01",
  menu: "M4 7h16M4 12h16M4 17h16",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
  more: "M12 6v.01M12 12v.01M12 18v.01",
  react: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.500 14.500c2 2.300 5 2.300 7 0M9 9.500v.01M15 9.500v.01",
  reply: "M9 7L4 12l5 5M4 12h9c4 0 7 2 7 6",
  send: "M4 12l16-7-5 15-4-6zM11 14l9-9",
  edit: "M4 20h4l11-11-4-4L4 16z",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  clock: "M8 8.500V5M8 8.500l2.500 1.500M8 15A6.500 6.500 0 1 0 8 2a6.500 6.500 0 0 0 0 13z",
  tick: "M2 8.500l4 4 8-9",
  ticks: "M1 8.500l4 4 8-9M10 11l1.500 1.500 8-9",
  bang: "M8 3v7M8 13.500v.01",
  down: "M6 10l6 6 6-6",
};

/** Draw one of the icons above; it is decoration, its button has the words. */
export function icon(name, box = "0 0 24 24") {
  const namespace = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(namespace, "svg");
  drawing.setAttribute("viewBox", box);
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", SHAPES[name]);
  drawing.append(path);
  return drawing;
}

/** A button that shows an icon and says what it does. */
export function iconButton(name, label, onclick, properties = {}) {
  const classes = ["icon-button", properties.class].filter(Boolean).join(" ");
  return element(
    "button",
    { type: "button", title: label, "aria-label": label, onclick, ...properties, class: classes },
    icon(name),
  );
}
