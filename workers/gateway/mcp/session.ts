import { concatBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../../src/encoding.ts';

/** The owner of a session. */
export interface SessionOwner {
  readonly server: string;
  readonly workflow: string;
}

/** What is sealed. A value that was sealed as one cannot be used as another. */
export type SealedAs =
  | 'session'
  /** The position in a stream of the server. */
  | 'event'
  /** The id of a request of the server. */
  | 'request'
  | 'task'
  /** The state of a call that a server wants again with the same call. */
  | 'state';

interface SealingKeys {
  readonly hide: CryptoKey;
  /**
   * Derives the IV from the id. The same id is sealed in the same way each time, because clients
   * compare session ids.
   */
  readonly vary: CryptoKey;
}

/**
 * Seals the session ids of servers. Anyone who has a session id can use the session, so an agent
 * gets it encrypted for its workflow: a leaked or guessed id is useless to another workflow, and
 * the server's own id never leaves the gateway. Stateless, so every isolate opens what another
 * sealed.
 */
export class Sessions {
  readonly #secret: () => Promise<Uint8Array<ArrayBuffer> | undefined>;
  #keys: SealingKeys | undefined;
  /** Used while no secret is available: this isolate opens only what it sealed itself. */
  #local: SealingKeys | undefined;

  /** `secret` is called on first use. It returns undefined while no secret is available. */
  constructor(secret: () => Promise<Uint8Array<ArrayBuffer> | undefined>) {
    this.#secret = secret;
  }

  /** Seals a session id. Returns undefined for a string that is not an MCP session id. */
  async seal(session: string, owner: SessionOwner): Promise<string | undefined> {
    return isSessionId(session) ? this.sealAs('session', session, owner) : undefined;
  }

  /**
   * Seals any text that only the owner may use again. `within` binds it to a session of the owner
   * as well. The same text is sealed in the same way each time.
   */
  async sealAs(as: SealedAs, text: string, owner: SessionOwner, within?: string): Promise<string> {
    const keys = (await this.#sharedKeys()) ?? (await this.#isolateKeys());
    const additionalData = ownerBytes(as, owner, within);
    const mac = await crypto.subtle.sign(
      'HMAC',
      keys.vary,
      concatBytes(additionalData, utf8(JSON.stringify(text))),
    );
    const iv = new Uint8Array(mac).slice(0, IV_BYTES);
    const algorithm = { name: 'AES-GCM', iv, additionalData };
    const sealed = await crypto.subtle.encrypt(algorithm, keys.hide, utf8(text));
    return toBase64Url(concatBytes(iv, new Uint8Array(sealed)));
  }

  /** Returns the server's own id; undefined if it was not sealed for this workflow and server. */
  open(sealed: string, owner: SessionOwner): Promise<string | undefined> {
    return this.openAs('session', sealed, owner);
  }

  /** Returns the text; undefined if it was not sealed as this for this owner and session. */
  async openAs(
    as: SealedAs,
    sealed: string,
    owner: SessionOwner,
    within?: string,
  ): Promise<string | undefined> {
    const lengthMax = as === 'state' ? STATE_LENGTH_MAX : SEALED_LENGTH_MAX;
    const bytes = sealed.length <= lengthMax ? fromBase64Url(sealed) : undefined;
    if (!bytes || bytes.length <= IV_BYTES) return undefined;
    const additionalData = ownerBytes(as, owner, within);
    for (const keys of [await this.#sharedKeys(), this.#local]) {
      const opened = keys && (await openWith(keys, bytes, additionalData));
      if (opened !== undefined) return opened;
    }
    return undefined;
  }

  async #sharedKeys(): Promise<SealingKeys | undefined> {
    if (this.#keys) return this.#keys;
    const secret = await this.#secret();
    if (secret) this.#keys = await sealingKeys(secret);
    return this.#keys;
  }

  async #isolateKeys(): Promise<SealingKeys> {
    if (this.#local) return this.#local;
    const keys = await sealingKeys(crypto.getRandomValues(new Uint8Array(32)));
    this.#local ??= keys;
    return this.#local;
  }
}

async function openWith(
  { hide }: SealingKeys,
  bytes: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
) {
  const iv = bytes.slice(0, IV_BYTES);
  const algorithm = { name: 'AES-GCM', iv, additionalData };
  try {
    const opened = await crypto.subtle.decrypt(algorithm, hide, bytes.slice(IV_BYTES));
    return fromUtf8(new Uint8Array(opened));
  } catch {
    return undefined;
  }
}

/** Derives both keys. The secret may have other uses; the labels keep them apart. */
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

/** MCP: visible ASCII. A long id comes from a server that keeps its state in it. */
const isSessionId = (text: string): boolean => /^[\x21-\x7e]{1,1024}$/.test(text);

/** Whether a revision of MCP has sessions. The first one with sessions has no version header. */
export const hasSessions = (version: string | undefined): boolean =>
  version === undefined || (version >= '2025-03-26' && version <= '2025-11-25');

const IV_BYTES = 12;
const STATE_LENGTH_MAX = 192 * 1_024; // Is in the body of a message, which may have 256 KiB.
const SEALED_LENGTH_MAX = 4_096; // Fits in a header. The longest session id needs 1,408.

const ownerBytes = (as: SealedAs, { server, workflow }: SessionOwner, within?: string) =>
  utf8(
    JSON.stringify(as === 'session' ? [server, workflow] : [server, workflow, as, within ?? null]),
  );
