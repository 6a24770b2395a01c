import type { UnixSeconds } from '../clock.ts';
import {
  concatBytes,
  fromBase64Url,
  fromHex,
  fromUtf8,
  toBase64Url,
  toHex,
  utf8,
} from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';

/**
 * Secrets that only one gateway can open: HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and
 * AES-256-GCM. Where the secret may be sent is authenticated with it and readable in the text:
 * `hewn-sealed.<terms>.<encapsulated key>.<ciphertext>`, each part in base64url.
 */

/** Where and until when a sealed secret may be used. */
export interface SealTerms {
  /** Hosts, with their port if it is not the default one: `api.example`. */
  readonly hosts: readonly string[];
  /** Methods in capital letters, or `*`. */
  readonly methods: readonly string[];
  /** Paths; one that ends in `*` stands for all that begin with it. */
  readonly paths: readonly string[];
  readonly expires: UnixSeconds;
}

/** Why a sealed secret is not used. */
export type SealedFault = 'sealed_unopened' | 'sealed_expired' | 'sealed_elsewhere';

const PREFIX = 'hewn-sealed';
const INFO = utf8('hewn upstream secret v1');
const PRIVATE_KEY = /^x25519-private\/([0-9a-f]{64})$/;
// RFC 8410: WebCrypto imports an X25519 private key only in a PKCS #8 wrapper.
const PKCS8_PREFIX = fromHex('302e020100300506032b656e04220420') ?? new Uint8Array();

const loadSuite = async () => {
  const { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } = await import('@hpke/core');
  return new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
};

/** Whether a text is a list of one or two private keys, with a space between them. */
export const isSealKeys = (text: string): boolean => {
  const keys = text.split(' ');
  return keys.length <= 2 && keys.every((key) => PRIVATE_KEY.test(key));
};

/** Returns the public half of a private key, in hex. Throws for a text that is no key. */
export async function sealPublicKey(privateKey: string): Promise<string> {
  const key = await crypto.subtle.importKey(
    'pkcs8',
    concatBytes(PKCS8_PREFIX, seedOf(privateKey)),
    { name: 'X25519' },
    true,
    ['deriveBits'],
  );
  const { x = '' } = (await crypto.subtle.exportKey('jwk', key)) as JsonWebKey;
  return toHex(fromBase64Url(x) ?? new Uint8Array());
}

/** Seals a secret to the public key of a gateway, in hex. Throws for a text that is no key. */
export async function sealSecret(
  publicKey: string,
  terms: SealTerms,
  secret: string,
): Promise<string> {
  const raw = fromHex(publicKey);
  if (raw?.length !== 32) throw new Error('a public key is 64 hex digits');
  const suite = await loadSuite();
  const recipientPublicKey = await suite.kem.importKey('raw', raw.buffer, true);
  const head = `${PREFIX}.${toBase64Url(utf8(JSON.stringify(terms)))}`;
  const sender = await suite.createSenderContext({ recipientPublicKey, info: INFO });
  const sealed = await sender.seal(utf8(secret), utf8(head));
  const parts = [sender.enc, sealed].map((part) => toBase64Url(new Uint8Array(part)));
  return [head, ...parts].join('.');
}

/** A sealed secret that a gateway has opened. Its terms are checked at each use. */
export interface OpenedSecret {
  readonly secret: string;
  readonly terms: SealTerms;
}

/** Opens a secret with one of the private keys of a gateway. Returns undefined if none opens it. */
export async function openSealed(
  sealed: string,
  keys: readonly string[],
): Promise<OpenedSecret | undefined> {
  const [prefix, head = '', ...rest] = sealed.split('.');
  const [enc, ciphertext] = rest.map(fromBase64Url);
  const terms = readTerms(head);
  if (prefix !== PREFIX || !enc || !ciphertext || rest.length !== 2 || !terms) return undefined;
  const suite = await loadSuite();
  for (const key of keys) {
    try {
      const recipientKey = await suite.kem.importKey('raw', seedOf(key).buffer, false);
      const context = { recipientKey, enc, info: INFO };
      const opened = await suite.open(context, ciphertext, utf8(`${PREFIX}.${head}`));
      const secret = fromUtf8(new Uint8Array(opened));
      return secret === undefined ? undefined : { secret, terms };
    } catch {
      // Sealed to another key, or changed.
    }
  }
  return undefined;
}

/** Returns the hosts that a sealed text may be sent to; none if the text is malformed. */
export const sealedHosts = (sealed: string): readonly string[] =>
  readTerms(sealed.split('.')[1] ?? '')?.hosts ?? [];

/** Returns the secret if its terms allow this use. */
export function useSealed(
  { secret, terms }: OpenedSecret,
  { url, method }: { readonly url: URL; readonly method: string },
  now: UnixSeconds,
): Result<string, SealedFault> {
  if (now >= terms.expires) return refuse('sealed_expired');
  const isThere =
    terms.hosts.includes(url.host) &&
    terms.methods.some((each) => each === '*' || each === method) &&
    terms.paths.some((path) =>
      path.endsWith('*') ? url.pathname.startsWith(path.slice(0, -1)) : url.pathname === path,
    );
  return isThere ? ok(secret) : refuse('sealed_elsewhere');
}

function readTerms(head: string): SealTerms | undefined {
  const bytes = fromBase64Url(head);
  const text = bytes && fromUtf8(bytes);
  try {
    const terms = JSON.parse(text ?? '') as SealTerms;
    const lists = [terms.hosts, terms.methods, terms.paths];
    const areLists = lists.every(
      (list) => Array.isArray(list) && list.every((each) => typeof each === 'string'),
    );
    return areLists && Number.isSafeInteger(terms.expires) ? terms : undefined;
  } catch {
    return undefined;
  }
}

function seedOf(privateKey: string): Uint8Array<ArrayBuffer> {
  const seed = fromHex(PRIVATE_KEY.exec(privateKey)?.[1] ?? '');
  if (seed?.length !== 32) throw new Error('a private key is x25519-private/<64 hex digits>');
  return seed;
}
