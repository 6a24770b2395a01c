import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** The types of signature that this witness knows (signed-note, "Signature types"). */
export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;

const DASH = '\u2014';
/** A verifier must accept at least 16. */
const SIGNATURES_MAX = 64;
// DER before the 32 bytes of a public key, and before those of a seed (RFC 8410).
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface VerifierKey {
  readonly name: string;
  /** Eight hex digits. */
  readonly id: string;
  readonly type: number;
  readonly key: KeyObject;
}

export interface SigningKey {
  readonly name: string;
  readonly type: number;
  readonly key: KeyObject;
  readonly publicKey: Buffer;
}

export interface SignatureLine {
  readonly name: string;
  readonly id: string;
  readonly signature: Buffer;
  /** As it was received, without its newline. */
  readonly line: string;
}

export interface Note {
  /** With its last newline, which is signed too. */
  readonly text: string;
  readonly lines: readonly SignatureLine[];
}

export const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Decodes standard base64 with padding. Each value has one spelling. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

const isKeyName = (name: string): boolean => name !== '' && !/[\p{White_Space}+]/u.test(name);

const keyId = (name: string, type: number, publicKey: Uint8Array): Buffer =>
  sha256(name, '\n', Uint8Array.of(type), publicKey).subarray(0, 4);

/** Reads a verifier key. Its base64 part may contain a plus, so only the first two separate. */
export function readVerifierKey(text: string): VerifierKey {
  const [, name = '', id = '', rest = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text) ?? [];
  const bytes = decodeBase64(rest);
  const type = bytes?.[0];
  if (!isKeyName(name) || bytes?.length !== 33 || type === undefined) {
    throw new TypeError(`This is no verifier key of Ed25519: ${text}`);
  }
  const publicKey = bytes.subarray(1);
  if (keyId(name, type, publicKey).toString('hex') !== id) {
    throw new TypeError(`The key id of this verifier key is wrong: ${text}`);
  }
  const key = createPublicKey({
    key: Buffer.concat([SPKI, publicKey]),
    format: 'der',
    type: 'spki',
  });
  return { name, id, type, key };
}

/** Returns the key of a seed of 32 bytes. */
export function signingKey(name: string, type: number, seed: Uint8Array): SigningKey {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { name, type, key, publicKey: publicKey.subarray(SPKI.length) };
}

export const verifierKeyOf = ({ name, type, publicKey }: SigningKey): string =>
  [
    name,
    keyId(name, type, publicKey).toString('hex'),
    Buffer.concat([Uint8Array.of(type), publicKey]).toString('base64'),
  ].join('+');

/** Returns a line of a key's signature over `message`. `before` precedes the signature proper. */
export function signatureLine(
  { name, type, key, publicKey }: SigningKey,
  message: string,
  before: Uint8Array = new Uint8Array(),
): string {
  const signature = sign(null, Buffer.from(message), key);
  const bytes = Buffer.concat([keyId(name, type, publicKey), before, signature]);
  return `${DASH} ${name} ${bytes.toString('base64')}`;
}

/** Reads a note without verifying it. Returns undefined if it is malformed. */
export function readNote(note: string): Note | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids them.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.endsWith('\n')) return undefined;
  const separator = note.lastIndexOf('\n\n');
  if (separator === -1) return undefined;
  const rest = note.slice(separator + 2, -1).split('\n');
  if (rest.length > SIGNATURES_MAX) return undefined;
  const lines = rest.map(readLine);
  if (!lines.every((line) => line !== undefined)) return undefined;
  return { text: note.slice(0, separator + 1), lines };
}

function readLine(line: string): SignatureLine | undefined {
  const [dash, name = '', base64 = '', ...more] = line.split(' ');
  const bytes = decodeBase64(base64);
  if (dash !== DASH || !isKeyName(name) || !bytes || bytes.length < 5 || more.length > 0) {
    return undefined;
  }
  return { name, id: bytes.toString('hex', 0, 4), signature: bytes.subarray(4), line };
}

/**
 * Returns the lines of known keys. Returns undefined if there is none, or if one of them does not
 * verify: such a note is malformed as a whole. Lines of unknown keys are ignored.
 */
export function verifiedLines(
  { text, lines }: Note,
  keys: readonly VerifierKey[],
): readonly SignatureLine[] | undefined {
  const known = lines.flatMap((line) => {
    const key = keys.find(({ name, id }) => name === line.name && id === line.id);
    return key ? [{ line, key: key.key }] : [];
  });
  const isGood = known.every(({ line, key }) =>
    verify(null, Buffer.from(text), key, line.signature),
  );
  return isGood && known.length > 0 ? known.map(({ line }) => line) : undefined;
}
