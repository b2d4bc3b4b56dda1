// Refusals as exceptions.

/** What the server, or the lack of one, answered to a request. `code` is stable. */
export class ParleyError extends Error {
  constructor(code, message, field = null) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
