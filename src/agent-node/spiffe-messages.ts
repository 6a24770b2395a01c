/**
 * The two messages of the Workload API that a JWT-SVID needs, as Protocol Buffers in a gRPC frame.
 * In each message, the fields that matter are strings and messages, so one wire type is enough.
 */

const LENGTH_DELIMITED = 2;
const FRAME_HEADER_BYTES = 5;
const FIELD = {
  request: { audience: 1, spiffeId: 2 },
  response: { svids: 1 },
  svid: { token: 2 },
} as const;

/** Writes a `JWTSVIDRequest`. */
export function writeRequest(request: {
  readonly audience: string;
  readonly spiffeId: string | undefined;
}): Uint8Array {
  const { audience, spiffeId } = request;
  const message = Buffer.concat([
    writeField(FIELD.request.audience, audience),
    spiffeId === undefined ? Buffer.of() : writeField(FIELD.request.spiffeId, spiffeId),
  ]);
  const header = Buffer.alloc(FRAME_HEADER_BYTES); // Begins with 0: not compressed.
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Returns the first token of a `JWTSVIDResponse`, or undefined if it contains no token. */
export function readSvid(frame: Uint8Array): string | undefined {
  const buffer = Buffer.from(frame);
  if (buffer.length < FRAME_HEADER_BYTES || buffer[0] !== 0) return undefined;
  const length = buffer.readUInt32BE(1);
  const message = buffer.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + length);
  if (message.length < length) return undefined;
  const svid = readField(message, FIELD.response.svids);
  const token = svid && readField(svid, FIELD.svid.token);
  return token?.toString('utf8');
}

function writeField(field: number, value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([
    writeVarint((field << 3) | LENGTH_DELIMITED),
    writeVarint(bytes.length),
    bytes,
  ]);
}

function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}

/** Returns the first value of a field, or undefined if the message lacks it or is malformed. */
function readField(message: Buffer, wanted: number): Buffer | undefined {
  let at = 0;
  const readVarint = (): number | undefined => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = message[at];
      if (byte === undefined) return undefined;
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined; // More than a bounded answer can have.
  };
  while (at < message.length) {
    const tag = readVarint();
    const length = readVarint();
    if (tag === undefined || length === undefined) return undefined;
    if ((tag & 7) !== LENGTH_DELIMITED || at + length > message.length) return undefined;
    if (tag >>> 3 === wanted) return message.subarray(at, at + length);
    at += length;
  }
  return undefined;
}
