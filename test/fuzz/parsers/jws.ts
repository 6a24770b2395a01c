/** Signed JWTs, built by hand: with any header and payload, under any key or without one. */
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Json } from '../../../src/canonical-json.ts';
import type { Random } from '../generate/random.ts';

/** Fixed, so that a case is the same on every machine. Not used for anything else. */
const edwards = (fill: number): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, fill),
    ]),
    format: 'der',
    type: 'pkcs8',
  });

/** RFC 5915 with only the scalar, from which OpenSSL derives the point. */
const p256 = (fill: number): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('30310201010420', 'hex'),
      Buffer.alloc(32, fill),
      Buffer.from('a00a06082a8648ce3d030107', 'hex'),
    ]),
    format: 'der',
    type: 'sec1',
  });

export interface TestKey {
  readonly algorithm: 'ES256' | 'EdDSA';
  readonly privateKey: KeyObject;
  /** The public members only. */
  readonly jwk: Readonly<Record<string, string>>;
  readonly privateJwk: Readonly<Record<string, string>>;
}

const testKey = (algorithm: TestKey['algorithm'], privateKey: KeyObject): TestKey => ({
  algorithm,
  privateKey,
  jwk: createPublicKey(privateKey).export({ format: 'jwk' }) as Record<string, string>,
  privateJwk: privateKey.export({ format: 'jwk' }) as Record<string, string>,
});

export const ED25519 = testKey('EdDSA', edwards(0x21));
export const P256 = testKey('ES256', p256(0x22));
/** An untrusted key. */
export const STRANGER = testKey('ES256', p256(0x23));

export const encodePart = (part: Json | string): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** Signs `header` and `payload`, which are JSON values or the text itself. */
export function signJws(header: Json | string, payload: Json | string, key: TestKey): string {
  const signed = `${encodePart(header)}.${encodePart(payload)}`;
  const { algorithm, privateKey } = key;
  const signature =
    algorithm === 'EdDSA'
      ? sign(null, Buffer.from(signed), privateKey)
      : sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** Signs with the public key as if it were a shared secret, which anyone can do. */
export function signWithPublicKey(header: Json, payload: Json, { jwk }: TestKey): string {
  const signed = `${encodePart(header)}.${encodePart(payload)}`;
  const mac = createHmac('sha256', JSON.stringify(jwk)).update(signed).digest('base64url');
  return `${signed}.${mac}`;
}

/** Reads the header and the payload with another reader than the one under test. */
export function decodeJws(text: string): readonly [header: unknown, payload: unknown] | undefined {
  try {
    const [header = '', payload = ''] = text.split('.');
    return [header, payload].map((part) =>
      JSON.parse(Buffer.from(part, 'base64url').toString()),
    ) as [unknown, unknown];
  } catch {
    return undefined;
  }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Returns another text that a lenient base64url reader decodes to the same bytes. */
export function respelt(random: Random, text: string): string {
  const parts = text.split('.');
  const at = random.below(parts.length);
  const part = parts[at] ?? '';
  const last = DIGITS[DIGITS.indexOf(part.at(-1) ?? 'A') ^ 1] ?? 'A';
  const spellings: readonly [string, ...string[]] = [
    part.slice(0, -1) + last,
    `${part}${'='.repeat((4 - (part.length % 4)) % 4)}`,
    part.replaceAll('-', '+').replaceAll('_', '/'),
    `${part.slice(0, 4)} ${part.slice(4)}`,
  ];
  return parts.map((each, i) => (i === at ? random.pick(spellings) : each)).join('.');
}
