// Times as people read them, in their own language and zone.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const DAY_MS = 86_400_000;
const days = new Map();

/** The hour and minute of a moment. */
export function timeOf(text) {
  return clock.format(new Date(text));
}

/** A key that is the same for moments of the same local day. Asked for every message of a thread, hence kept. */
export function dayKey(text) {
  const minute = text.slice(0, 16);
  let key = days.get(minute);
  if (key === undefined) {
    key = new Date(text).toDateString();
    days.set(minute, key);
  }
  return key;
}

/** The day of a moment in words. */
export function dayOf(text) {
  const days = daysAgo(text);
  if (days < 2) return capital(relative.format(-days, "day"));
  return longDay.format(new Date(text));
}

/** As short as a list needs it: the time today, the weekday this week, the date before. */
export function shortTime(text) {
  const days = daysAgo(text);
  if (days < 1) return timeOf(text);
  if (days < 7) return weekday.format(new Date(text));
  return shortDay.format(new Date(text));
}

/** When somebody was last seen. */
export function lastSeen(text) {
  const minutes = Math.round((Date.now() - new Date(text).getTime()) / 60_000);
  if (minutes < 1) return "last seen just now";
  if (minutes < 60) return `last seen ${relative.format(-minutes, "minute")}`;
  if (daysAgo(text) < 1) return `last seen today at ${timeOf(text)}`;
  return `last seen ${shortTime(text)}, ${timeOf(text)}`;
}

function daysAgo(text) {
  const day = new Date(text).setHours(0, 0, 0, 0);
  return Math.round((new Date().setHours(0, 0, 0, 0) - day) / DAY_MS);
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
