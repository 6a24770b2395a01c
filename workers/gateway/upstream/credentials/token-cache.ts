import { readSeconds, type UnixSeconds } from '../../../../src/clock.ts';

/** A token that a server issued to the gateway. */
export interface IssuedToken {
  readonly token: string;
  /** Absent: the server did not say, and the token is used once. */
  readonly expires?: UnixSeconds | undefined;
}

const BEFORE_EXPIRY_SECONDS = 60; // The clock of the server may be ahead, and a call takes time.
const TOKENS_MAX = 1_000;

/** Tokens of an isolate, by what they were issued for. Values are shared, and never promises. */
export class TokenCache {
  readonly #tokens = new Map<string, IssuedToken>();

  get(key: string): string | undefined {
    const issued = this.#tokens.get(key);
    if (!issued) return undefined;
    const { expires = 0 } = issued;
    if (readSeconds() < expires - BEFORE_EXPIRY_SECONDS) return issued.token;
    this.#tokens.delete(key);
    return undefined;
  }

  set(key: string, issued: IssuedToken): void {
    if (issued.expires === undefined) return;
    if (this.#tokens.size >= TOKENS_MAX) this.#tokens.clear();
    this.#tokens.set(key, issued);
  }

  delete(key: string): void {
    this.#tokens.delete(key);
  }
}
