import { readSeconds, type UnixSeconds } from '../../../../src/clock.ts';
import { ok, type Result } from '../../../../src/result.ts';
import type { CredentialFault } from './credential.ts';

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

  /** Returns the token that was issued for this key, or obtains and keeps one. */
  async tokenFor(
    key: string,
    obtain: () => Promise<Result<IssuedToken, CredentialFault>>,
  ): Promise<Result<string, CredentialFault>> {
    const known = this.#tokens.get(key);
    if (known && readSeconds() < (known.expires ?? 0) - BEFORE_EXPIRY_SECONDS) {
      return ok(known.token);
    }
    this.#tokens.delete(key);
    const issued = await obtain();
    if (!issued.ok) return issued;
    if (issued.value.expires !== undefined) {
      if (this.#tokens.size >= TOKENS_MAX) this.#tokens.clear();
      this.#tokens.set(key, issued.value);
    }
    return ok(issued.value.token);
  }

  delete(key: string): void {
    this.#tokens.delete(key);
  }
}
