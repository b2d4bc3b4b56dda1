// Who this window is: one identity per window, so that two windows can be two people.
const KEY = "parley.identity";

/** The identity of this window, or null: {user, token, device, minted}. */
export function loadIdentity() {
  const text = sessionStorage.getItem(KEY);
  return text ? JSON.parse(text) : null;
}

/** Remember who this window is, until it is closed. */
export function saveIdentity(identity) {
  sessionStorage.setItem(KEY, JSON.stringify(identity));
}

/** Forget it. */
export function forgetIdentity() {
  sessionStorage.removeItem(KEY);
}

/** Ask a development server for a token. Returns null when it mints none; throws when it refuses or is away. */
export async function mintToken(user) {
  const answer = await fetch("/dev/token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user }),
  });
  if (answer.status === 404) return null;
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail ?? `the server answered ${answer.status}`);
  return body.token;
}

/** The user a token names; the server checks it, this only reads. */
export function userOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)).sub ?? null;
  } catch {
    return null;
  }
}

/** A name for this window among a user's devices. */
export function newDevice() {
  return `web-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;
}
