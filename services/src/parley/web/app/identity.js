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

/** Forget it, and whatever this window kept for it. */
export function forgetIdentity() {
  sessionStorage.clear();
}

/** Whether this server gives development tokens to everybody who asks. */
export async function mintsTokens() {
  const answer = await fetch("/dev/token");
  return answer.status !== 404;
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

/** The user a token names, or null; the server checks it, this only reads. */
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
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `web-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * The device of this window for as long as it lives. A duplicated window begins with a copy of the first one's
 * identity; the lock shows it, and the copy takes a name of its own. Browsers lock only on pages served over TLS or
 * from the same machine; elsewhere the copy keeps the name.
 */
export async function claimDevice(device) {
  if (!navigator.locks) return device;
  if (await hold(device)) return device;
  const fresh = newDevice();
  await hold(fresh);
  return fresh;
}

function hold(device) {
  return new Promise((resolve) => {
    navigator.locks.request(`parley.device.${device}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? null : new Promise(() => {});
    });
  });
}
