// The two encodings of the protocol. JSON travels as text, MessagePack as bytes; both carry the same frames.
import { decode as decodeMessagePack, encode as encodeMessagePack } from "./messagepack.js";

export const JSON_CODEC = {
  subprotocol: "parley.v1.json",
  encode: (frame) => JSON.stringify(frame),
  decode: (data) => JSON.parse(data),
};

export const MESSAGEPACK_CODEC = {
  subprotocol: "parley.v1.msgpack",
  encode: encodeMessagePack,
  decode: decodeMessagePack,
};
