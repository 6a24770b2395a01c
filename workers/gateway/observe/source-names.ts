import type { CallSource } from '../../../src/audit/index.ts';
import { toHex, utf8 } from '../../../src/encoding.ts';
import { SHARED_SOURCE, sourceOf } from '../../../src/rates/index.ts';
import type { CallCredential } from '../upstream/index.ts';

type ReadSecret = () => Promise<Uint8Array<ArrayBuffer> | undefined>;

/** Enough to tell the credentials of a deployment apart, and too little to find one. */
const DIGEST_BYTES = 8;
const NETWORK_BITS = 64;

/**
 * Names where calls without a token come from, for their records: the source address, and a digest
 * of the credential that the caller itself brought. The digest has a key, because credentials can
 * be guessed.
 */
export class SourceNames {
  readonly #header: string | undefined;
  readonly #readSecret: ReadSecret;
  #key: CryptoKey | undefined;

  constructor(header: string | undefined, readSecret: ReadSecret) {
    this.#header = header;
    this.#readSecret = readSecret;
  }

  async nameOf(headers: Headers, credential: CallCredential): Promise<CallSource> {
    const address = addressOf(sourceOf(headers, this.#header));
    const digest = typeof credential === 'object' ? await this.#digest(credential) : undefined;
    return {
      ...(address !== undefined && { address }),
      ...(digest !== undefined && { credential: digest }),
    };
  }

  async #digest({ headers }: Extract<CallCredential, object>): Promise<string | undefined> {
    const key = await this.#keyOf();
    if (!key) return undefined;
    const text = utf8(JSON.stringify(headers));
    const digest = await crypto.subtle.sign('HMAC', key, text);
    return toHex(new Uint8Array(digest).slice(0, DIGEST_BYTES));
  }

  async #keyOf(): Promise<CryptoKey | undefined> {
    if (this.#key) return this.#key;
    const secret = await this.#readSecret();
    if (!secret) return undefined;
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const raw = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign']);
    // Apart from whatever else the secret is used for.
    const own = await crypto.subtle.sign('HMAC', raw, utf8('hewn observed sources v1'));
    this.#key = await crypto.subtle.importKey('raw', own, hmac, false, ['sign']);
    return this.#key;
  }
}

/** Returns the text of a source: an IPv4 address, or the /64 network of an IPv6 address. */
function addressOf(source: string): string | undefined {
  if (source === SHARED_SOURCE) return undefined;
  const [family, bits = ''] = source.split(':');
  if (family === '4') return numbersOf(bits, 8).join('.');
  const groups = numbersOf(bits.slice(0, NETWORK_BITS), 16).map((group) => group.toString(16));
  return `${groups.join(':')}::/64`;
}

const numbersOf = (bits: string, width: number): readonly number[] =>
  (bits.match(new RegExp(`.{${width}}`, 'g')) ?? []).map((part) => Number.parseInt(part, 2));
