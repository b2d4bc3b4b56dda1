// MessagePack for what frames hold: null, booleans, numbers up to 2^53, strings, arrays, maps with string keys.
const writer = new TextEncoder();
const reader = new TextDecoder("utf-8", { fatal: true });

/** Encode a value as bytes. */
export function encode(value) {
  const bytes = [];
  write(bytes, value);
  return Uint8Array.from(bytes);
}

/** Decode bytes; throws RangeError for what is cut short or not of the subset. */
export function decode(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const source = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes, at: 0 };
  const value = read(source);
  if (source.at !== bytes.length) throw new RangeError("there are bytes after the value");
  return value;
}

function write(bytes, value) {
  if (value === null || value === undefined) bytes.push(0xc0);
  else if (value === false) bytes.push(0xc2);
  else if (value === true) bytes.push(0xc3);
  else if (typeof value === "number") writeNumber(bytes, value);
  else if (typeof value === "string") writeString(bytes, value);
  else if (Array.isArray(value)) {
    writeHead(bytes, value.length, 0x90, 0xdc);
    for (const item of value) write(bytes, item);
  } else {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    writeHead(bytes, entries.length, 0x80, 0xde);
    for (const [key, item] of entries) {
      writeString(bytes, key);
      write(bytes, item);
    }
  }
}

function writeNumber(bytes, value) {
  if (!Number.isInteger(value)) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    bytes.push(0xcb, ...new Uint8Array(view.buffer));
  } else if (value >= 0 && value < 0x80) bytes.push(value);
  else if (value < 0 && value >= -32) bytes.push(value & 0xff);
  else {
    const view = new DataView(new ArrayBuffer(8));
    if (value >= 0 && value <= 0xffffffff) {
      view.setUint32(0, value);
      bytes.push(0xce, ...new Uint8Array(view.buffer, 0, 4));
    } else {
      view.setBigInt64(0, BigInt(value));
      bytes.push(0xd3, ...new Uint8Array(view.buffer));
    }
  }
}

function writeString(bytes, text) {
  const encoded = writer.encode(text);
  if (encoded.length < 32) bytes.push(0xa0 | encoded.length);
  else if (encoded.length < 0x100) bytes.push(0xd9, encoded.length);
  else if (encoded.length < 0x10000) bytes.push(0xda, encoded.length >> 8, encoded.length & 0xff);
  else bytes.push(0xdb, ...word(encoded.length));
  for (const byte of encoded) bytes.push(byte);
}

function writeHead(bytes, length, small, sixteen) {
  if (length < 16) bytes.push(small | length);
  else if (length < 0x10000) bytes.push(sixteen, length >> 8, length & 0xff);
  else bytes.push(sixteen + 1, ...word(length));
}

function word(value) {
  return [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function read(source) {
  const tag = unsigned(source, 1);
  if (tag < 0x80) return tag;
  if (tag < 0x90) return readMap(source, tag & 0x0f);
  if (tag < 0xa0) return readArray(source, tag & 0x0f);
  if (tag < 0xc0) return readString(source, tag & 0x1f);
  if (tag >= 0xe0) return tag - 0x100;
  switch (tag) {
    case 0xc0: return null;
    case 0xc2: return false;
    case 0xc3: return true;
    case 0xca: return take(source, 4, (at) => source.view.getFloat32(at));
    case 0xcb: return take(source, 8, (at) => source.view.getFloat64(at));
    case 0xcc: return unsigned(source, 1);
    case 0xcd: return unsigned(source, 2);
    case 0xce: return unsigned(source, 4);
    case 0xcf: return take(source, 8, (at) => Number(source.view.getBigUint64(at)));
    case 0xd0: return take(source, 1, (at) => source.view.getInt8(at));
    case 0xd1: return take(source, 2, (at) => source.view.getInt16(at));
    case 0xd2: return take(source, 4, (at) => source.view.getInt32(at));
    case 0xd3: return take(source, 8, (at) => Number(source.view.getBigInt64(at)));
    case 0xd9: return readString(source, unsigned(source, 1));
    case 0xda: return readString(source, unsigned(source, 2));
    case 0xdb: return readString(source, unsigned(source, 4));
    case 0xdc: return readArray(source, unsigned(source, 2));
    case 0xdd: return readArray(source, unsigned(source, 4));
    case 0xde: return readMap(source, unsigned(source, 2));
    case 0xdf: return readMap(source, unsigned(source, 4));
    default: throw new RangeError(`0x${tag.toString(16)} is not of the subset that frames use`);
  }
}

function take(source, length, get) {
  if (source.at + length > source.bytes.length) throw new RangeError("the bytes are cut short");
  const value = get(source.at);
  source.at += length;
  return value;
}

function unsigned(source, length) {
  const getters = { 1: "getUint8", 2: "getUint16", 4: "getUint32" };
  return take(source, length, (at) => source.view[getters[length]](at));
}

function readString(source, length) {
  return take(source, length, (at) => reader.decode(source.bytes.subarray(at, at + length)));
}

function readArray(source, length) {
  const items = [];
  for (let index = 0; index < length; index += 1) items.push(read(source));
  return items;
}

function readMap(source, length) {
  const map = {};
  for (let index = 0; index < length; index += 1) {
    const key = read(source);
    map[key] = read(source);
  }
  return map;
}
