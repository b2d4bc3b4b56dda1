// The id of a direct conversation, derived as the server derives it: UUIDv5 of the length-prefixed, sorted pair.
// SHA-1 is written out because browsers keep theirs from pages that are not served over TLS.

const DIRECT = "6a1c6d0e5d3f5f0b9a531d8f6c0f7c11";
const encoder = new TextEncoder();

/** The id of the only direct conversation of two users, the same from both sides. */
export function directConversationId(one, other) {
  const parts = [encoder.encode(one), encoder.encode(other)].sort(compareBytes);
  const name = [];
  for (const part of parts) name.push(...encoder.encode(`${part.length}:`), ...part);
  const namespace = DIRECT.match(/../g).map((pair) => parseInt(pair, 16));
  const hash = sha1([...namespace, ...name]).slice(0, 16);
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  const text = hash.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** The order of code points, which is the order of UTF-8 bytes and not that of JavaScript's strings. */
function compareBytes(one, other) {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) if (one[index] !== other[index]) return one[index] - other[index];
  return one.length - other.length;
}

function sha1(bytes) {
  const length = bytes.length * 8;
  const padded = [...bytes, 0x80];
  while (padded.length % 64 !== 56) padded.push(0);
  for (let shift = 56; shift >= 0; shift -= 8) padded.push(Math.floor(length / 2 ** shift) & 0xff);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let start = 0; start < padded.length; start += 64) round(state, padded, start);
  return state.flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff));
}

function round(state, bytes, start) {
  const words = Array.from({ length: 16 }, (_, index) => {
    const at = start + index * 4;
    return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  });
  for (let i = 16; i < 80; i += 1) words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  let [a, b, c, d, e] = state;
  for (let i = 0; i < 80; i += 1) {
    const [f, k] = mix(i, b, c, d);
    [a, b, c, d, e] = [(rotate(a, 5) + f + e + k + words[i]) | 0, a, rotate(b, 30), c, d];
  }
  [a, b, c, d, e].forEach((word, index) => {
    state[index] = (state[index] + word) | 0;
  });
}

function mix(i, b, c, d) {
  if (i < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (i < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (i < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

function rotate(word, by) {
  return (word << by) | (word >>> (32 - by));
}
