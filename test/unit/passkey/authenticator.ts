/** An authenticator in software: it makes passkeys and uses them, and lies where a test says so. */
import { toBase64Url, utf8 } from '../../../src/encoding.ts';
import type { PasskeyAlgorithm, PasskeyAnswer, PasskeyMade } from '../../../src/passkey/index.ts';

const GENERATED = {
  [-7]: { name: 'ECDSA', namedCurve: 'P-256' },
  [-8]: { name: 'Ed25519' },
  [-257]: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2_048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
} as const;

export interface Lies {
  readonly type?: string;
  readonly origin?: string;
  readonly host?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  /** 1: present, 4: verified. */
  readonly flags?: number;
  readonly counter?: number;
}

export class Authenticator {
  readonly id: string;
  readonly #origin: string;
  readonly #keys: CryptoKeyPair;
  readonly #algorithm: PasskeyAlgorithm;
  counter = 0;

  constructor(origin: string, keys: CryptoKeyPair, algorithm: PasskeyAlgorithm) {
    this.#origin = origin;
    this.#keys = keys;
    this.#algorithm = algorithm;
    this.id = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
  }

  static async at(origin: string, algorithm: PasskeyAlgorithm = -7): Promise<Authenticator> {
    const how = GENERATED[algorithm] as { readonly name: string; readonly namedCurve: string };
    const keys = (await crypto.subtle.generateKey(how, true, ['sign', 'verify'])) as CryptoKeyPair;
    return new Authenticator(origin, keys, algorithm);
  }

  async make(challenge: string, lies: Lies = {}): Promise<PasskeyMade> {
    const spki = await crypto.subtle.exportKey('spki', this.#keys.publicKey);
    const id = fromText(this.id);
    const attested = [...new Uint8Array(16), id.length >> 8, id.length & 255, ...id, 0xa0];
    return {
      id: this.id,
      algorithm: this.#algorithm,
      publicKey: toBase64Url(new Uint8Array(spki as ArrayBuffer)),
      clientData: toBase64Url(this.#client('webauthn.create', challenge, lies)),
      authenticatorData: toBase64Url(await this.#data({ flags: 0x45, ...lies }, attested)),
    };
  }

  async use(challenge: string, lies: Lies = {}): Promise<PasskeyAnswer> {
    const client = this.#client('webauthn.get', challenge, lies);
    const data = await this.#data(lies, []);
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', client));
    const how =
      this.#algorithm === -7 ? { name: 'ECDSA', hash: 'SHA-256' } : GENERATED[this.#algorithm];
    const signed = await crypto.subtle.sign(
      how,
      this.#keys.privateKey,
      new Uint8Array([...data, ...hash]),
    );
    const raw = new Uint8Array(signed);
    return {
      id: this.id,
      clientData: toBase64Url(client),
      authenticatorData: toBase64Url(data),
      signature: toBase64Url(this.#algorithm === -7 ? toDer(raw) : raw),
    };
  }

  #client(type: string, challenge: string, lies: Lies): Uint8Array<ArrayBuffer> {
    const { type: stated = type, origin = this.#origin, crossOrigin = false, topOrigin } = lies;
    const more = topOrigin === undefined ? {} : { topOrigin };
    return utf8(JSON.stringify({ type: stated, challenge, origin, crossOrigin, ...more }));
  }

  async #data(lies: Lies, attested: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
    const { host = new URL(this.#origin).hostname, flags = 0x05, counter = this.counter } = lies;
    const party = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(host)));
    const count = [counter >>> 24, counter >>> 16, counter >>> 8, counter].map((one) => one & 255);
    return new Uint8Array([...party, flags, ...count, ...attested]);
  }
}

const fromText = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));

/** As an authenticator encodes it: two numbers without leading zeros, and never negative. */
function toDer(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const numbers = [raw.subarray(0, 32), raw.subarray(32)].flatMap((half) => {
    const digits = [...half.subarray(half.findIndex((byte) => byte !== 0))];
    const positive = (digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits;
    return [0x02, positive.length, ...positive];
  });
  return new Uint8Array([0x30, numbers.length, ...numbers]);
}
