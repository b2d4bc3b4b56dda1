// Which conversation is open, kept in the address: the browser's back button and a reload do what people expect.

const PREFIX = "#conversation=";

/** The id that the address names, or null. */
export function openedId() {
  return location.hash.startsWith(PREFIX) ? decodeURIComponent(location.hash.slice(PREFIX.length)) : null;
}

/** Name another one, or none. */
export function nameOpened(id) {
  if (id === openedId()) return;
  const address = id === null ? location.pathname + location.search : `${PREFIX}${encodeURIComponent(id)}`;
  if (openedId() === null) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
