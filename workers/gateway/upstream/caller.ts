import { readSeconds } from '../../../src/clock.ts';
import { toBase64Url, utf8 } from '../../../src/encoding.ts';
import { thumbprintOf } from '../../../src/jwk-thumbprint.ts';
import { publicJwk, signingKey } from '../../../src/signing-keys.ts';
import type { CallerFacts } from './upstream.ts';

/** The header with the signed statement, for a server with `caller = "signed"`. */
export const CALLER_HEADER = 'hewn-caller';
const CALLER_TYPE = 'hewn-caller+jwt';
const CALLER_SECONDS = 60;

/** The headers for a server with `caller = "plain"`, and the fact in each. */
const PLAIN: readonly (readonly [string, Exclude<keyof CallerFacts, 'credential'>])[] = [
  ['x-hewn-workflow', 'workflow'],
  ['x-hewn-agent', 'agent'],
  ['x-hewn-subject', 'subject'],
  ['x-hewn-owner', 'owner'],
  ['x-hewn-task', 'task'],
];

/** Signs who calls, with the gateway's own key. */
export class CallerSigner {
  readonly #gateway: string;
  /** The first one signs. The other is still published while it is replaced. */
  readonly #keys: readonly string[];
  #head: string | undefined;

  constructor(gateway: string, keys: readonly string[]) {
    this.#gateway = gateway;
    this.#keys = keys;
  }

  get canSign(): boolean {
    return this.#keys.length > 0;
  }

  /**
   * Returns a JWT for one request to `audience`, or undefined without a key. Each has its own
   * `jti`, so that the server can refuse to see one twice: nothing is cached.
   */
  async sign(caller: CallerFacts, audience: string): Promise<string | undefined> {
    const [key] = this.#keys;
    if (key === undefined) return undefined;
    this.#head ??= encode({
      alg: 'EdDSA',
      typ: CALLER_TYPE,
      kid: await thumbprintOf(await publicJwk(key)),
    });
    const { workflow, agent, subject, owner, task, tool } = caller;
    const now = readSeconds();
    // RFC 8693 section 4.1: the subject is who it is done for, and the actor is who does it.
    const claims = encode({
      iss: this.#gateway,
      aud: audience,
      sub: subject ?? agent,
      act: subject !== undefined && agent !== undefined ? { sub: agent } : undefined,
      txn: workflow,
      owner,
      task,
      tool,
      iat: now,
      exp: now + CALLER_SECONDS,
      jti: crypto.randomUUID(),
    });
    const signed = `${this.#head}.${claims}`;
    const signature = await crypto.subtle.sign('Ed25519', await signingKey(key), utf8(signed));
    return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
  }

  /** The public keys, for the JWKS of the gateway. */
  jwks(): Promise<readonly object[]> {
    return Promise.all(
      this.#keys.map(async (key) => {
        const jwk = await publicJwk(key);
        const kid = await thumbprintOf(jwk);
        return { ...jwk, use: 'sig', alg: 'EdDSA', kid, hewn_use: 'caller' };
      }),
    );
  }
}

/** Adds who calls in plain headers: for a server that trusts its network and no signature. */
export function addPlainCaller(headers: Headers, caller: CallerFacts): void {
  for (const [name, fact] of PLAIN) {
    const value = caller[fact];
    if (value !== undefined) headers.set(name, visible(value));
  }
}

/** A header carries visible ASCII. Everything else is percent-encoded UTF-8, and so is `%`. */
const visible = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[^\x21-\x24\x26-\x7e]/gu, (character) =>
      encodeURIComponent(character).replaceAll('!', '%21'),
    );

const encode = (json: object): string => toBase64Url(utf8(JSON.stringify(json)));
