// Which part of a long thread is in the page: a window over its lines that grows where one scrolls. Pure.

const FIRST = 80;
const STEP = 80;
const MOST = 240;

/** A window over lines with a `key`. Its edges are kept as keys, since lines come on both sides. */
export class LineWindow {
  constructor() {
    this.toNewest();
  }

  /** Show the end, and stay there when lines are added. */
  toNewest() {
    this.top = null;
    this.bottom = null;
  }

  /** Show the surroundings of a line. */
  around(lines, index) {
    this.#set(lines, index - FIRST / 2, index + FIRST / 2);
  }

  /** Show more of what is above. Returns false when there is nothing above. */
  up(lines) {
    const [start, end] = this.range(lines);
    if (start === 0) return false;
    this.#set(lines, start - STEP, Math.min(end, start - STEP + MOST));
    return true;
  }

  /** Show more of what is below. Returns false when the end is shown. */
  down(lines) {
    const [start, end] = this.range(lines);
    if (end === lines.length) return false;
    this.#set(lines, Math.max(start, end + STEP - MOST), end + STEP);
    return true;
  }

  /** At the end nobody sees what is far above: let go of it once the window has grown too long. */
  trim(lines) {
    const [start, end] = this.range(lines);
    if (this.bottom === null && end - start > MOST) this.#set(lines, end - FIRST, end);
  }

  /** Whether the newest line is in the window. */
  get atNewest() {
    return this.bottom === null;
  }

  /** The window as [first index, index after the last]. */
  range(lines) {
    const last = this.bottom === null ? -1 : lines.findIndex((line) => line.key === this.bottom);
    const end = last < 0 ? lines.length : last + 1;
    const first = this.top === null ? -1 : lines.findIndex((line) => line.key === this.top);
    let start = first < 0 || first >= end ? Math.max(0, end - FIRST) : first;
    while (start > 0 && !lines[start - 1].item) start -= 1;
    return [start, end];
  }

  /** Edges stand on messages: days and the divider wander when older messages come. */
  #set(lines, start, end) {
    let first = Math.max(0, Math.floor(start));
    while (first > 0 && !lines[first].item) first -= 1;
    this.top = (lines[first]?.item ? lines[first] : lines.find((line) => line.item))?.key ?? null;
    let last = Math.ceil(end) - 1;
    while (last < lines.length && !lines[last]?.item) last += 1;
    this.bottom = last >= lines.length - 1 ? null : lines[last].key;
  }
}
