// The page's own icons: strokes on a square, drawn in the colour of the text beside them.

const SHAPES = {
  back: [24, "M15 5l-7 7 7 7"],
  bang: [16, "M8 3v6.5M8 12.5v.01"],
  clock: [16, "M8 4.5V8l2.3 1.5M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z"],
  close: [24, "M6 6l12 12M18 6L6 18"],
  compose: [24, "M4 20h4L19 9l-4-4L4 16zM13 7l4 4"],
  copy: [24, "M9 9h11v11H9zM5 15H4V4h11v1"],
  down: [24, "M12 5v14M6 13l6 6 6-6"],
  edit: [24, "M4 20h4L19 9l-4-4L4 16z"],
  eye: [24, "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z"],
  group: [24, "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3 3 0 0 1 0 6M17.5 14.5c2.3.6 3.7 2.4 4 5.5"],
  info: [24, "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01"],
  react: [24, "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.5c2 2.3 5 2.3 7 0M9 9.5v.01M15 9.5v.01"],
  reply: [24, "M9 7l-5 5 5 5M4 12h9c4 0 7 2 7 6"],
  send: [24, "M12 19V5M6 11l6-6 6 6"],
  settings: [24, "M4 7h9M17 7h3M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM4 17h3M11 17h9M9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  tick: [16, "M3 8.5l3.5 3.5L13 4.5"],
  ticks: [16, "M.5 8.5L4 12l6.5-7.5M8 11l1 1 6.5-7.5"],
  trash: [24, "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"],
};

/** Draw an icon; it is decoration, what it stands for is said in words by its surroundings. */
export function icon(name) {
  const [side, strokes] = SHAPES[name];
  const namespace = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(namespace, "svg");
  drawing.setAttribute("viewBox", `0 0 ${side} ${side}`);
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", strokes);
  drawing.append(path);
  return drawing;
}
