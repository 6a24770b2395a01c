import { concatBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../../src/encoding.ts';

/** Whose session it is. */
export interface SessionOwner {
  readonly server: string;
  readonly workflow: string;
}

interface SealingKeys {
  readonly hide: CryptoKey;
  /** Makes the seal of an id its own, and the same each time: a client compares them. */
  readonly vary: CryptoKey;
}

/**
 * A server's session id is as good as its session, so an agent gets it sealed to its workflow: what
 * was leaked or guessed opens nothing for another one, and the server's own id is never outside.
 * Stateless, so that every isolate opens what another one has sealed.
 */
export class Sessions {
  readonly #secret: () => Promise<Uint8Array<ArrayBuffer> | undefined>;
  #keys: SealingKeys | undefined;
  /** Of this isolate alone, for as long as no secret is to be had: what it seals opens here. */
  #local: SealingKeys | undefined;

  /** `secret` is asked for by the first that needs it; undefined where none is to be had now. */
  constructor(secret: () => Promise<Uint8Array<ArrayBuffer> | undefined>) {
    this.#secret = secret;
  }

  /** Undefined where it is no session id of MCP: then the agent gets none. */
  async seal(session: string, owner: SessionOwner): Promise<string | undefined> {
    if (!isSessionId(session)) return undefined;
    const keys = (await this.#ready()) ?? (await this.#ofIsolate());
    const said = JSON.stringify([owner.server, owner.workflow, session]);
    const mac = await crypto.subtle.sign('HMAC', keys.vary, utf8(said));
    const iv = new Uint8Array(mac).slice(0, IV_BYTES);
    const how = { name: 'AES-GCM', iv, additionalData: aboutOf(owner) };
    const sealed = await crypto.subtle.encrypt(how, keys.hide, utf8(session));
    return toBase64Url(concatBytes(iv, new Uint8Array(sealed)));
  }

  /** The server's own id; undefined for what was not sealed to this workflow and server. */
  async open(sealed: string, owner: SessionOwner): Promise<string | undefined> {
    const bytes = sealed.length <= SEALED_LENGTH_MAX ? fromBase64Url(sealed) : undefined;
    if (!bytes || bytes.length <= IV_BYTES) return undefined;
    for (const keys of [await this.#ready(), this.#local]) {
      const opened = keys && (await openWith(keys, bytes, owner));
      if (opened !== undefined) return opened;
    }
    return undefined;
  }

  async #ready(): Promise<SealingKeys | undefined> {
    if (this.#keys) return this.#keys;
    const secret = await this.#secret();
    if (secret) this.#keys = await sealingKeys(secret);
    return this.#keys;
  }

  async #ofIsolate(): Promise<SealingKeys> {
    const keys = await sealingKeys(crypto.getRandomValues(new Uint8Array(32)));
    this.#local ??= keys;
    return this.#local;
  }
}

async function openWith(
  { hide }: SealingKeys,
  bytes: Uint8Array<ArrayBuffer>,
  owner: SessionOwner,
) {
  const how = { name: 'AES-GCM', iv: bytes.slice(0, IV_BYTES), additionalData: aboutOf(owner) };
  try {
    const opened = await crypto.subtle.decrypt(how, hide, bytes.slice(IV_BYTES));
    return fromUtf8(new Uint8Array(opened));
  } catch {
    return undefined;
  }
}

/** Both keys of a secret that may have other uses: the labels keep them apart. */
async function sealingKeys(secret: Uint8Array<ArrayBuffer>): Promise<SealingKeys> {
  const root = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const derived = (label: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: utf8(`hewn gateway session ${label}`),
  });
  const hiding = { name: 'AES-GCM', length: 256 };
  const varying = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  return {
    hide: await crypto.subtle.deriveKey(derived('hide'), root, hiding, false, [
      'encrypt',
      'decrypt',
    ]),
    vary: await crypto.subtle.deriveKey(derived('vary'), root, varying, false, ['sign']),
  };
}

/** MCP: visible ASCII. A long one is of a server that keeps its state in it. */
const isSessionId = (text: string): boolean => /^[\x21-\x7e]{1,1024}$/.test(text);

/** The revisions that have sessions; the first of them has no header to say so. */
export const hasSessions = (version: string | undefined): boolean =>
  version === undefined || (version >= '2025-03-26' && version <= '2025-11-25');

const IV_BYTES = 12;
const SEALED_LENGTH_MAX = 1_408; // The longest session id, its IV and its tag in base64url.

const aboutOf = ({ server, workflow }: SessionOwner) => utf8(JSON.stringify([server, workflow]));
