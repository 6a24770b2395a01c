import type { UnixMilliseconds } from '../clock.ts';
import { fromBase64Url, toBase64Url, utf8 } from '../encoding.ts';

const DPOP_NONCE_SECRET_BYTES_MIN = 32; // A shorter HMAC key could be guessed.
const DPOP_NONCE_SECONDS = 60; // A nonce is valid for one to two slots; clients learn it quickly.

/** Nonces that a server requires (RFC 9449 section 8), so that no proof can be made in advance. */
export interface Nonces {
  /** Returns the nonce to hand out at `now`. */
  issue(now: UnixMilliseconds): Promise<string>;
  /** Returns whether a nonce was handed out in the time slot of `now` or in the one before. */
  accepts(nonce: string, now: UnixMilliseconds): Promise<boolean>;
}

const LABEL = 'hewn-dpop-nonce-v1\0';
const NONCE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Creates nonces that need no storage: an HMAC of the time slot under a secret. Every isolate that
 * has the secret accepts what another one handed out. A nonce is valid for one to two minutes.
 * Throws a TypeError for a secret of fewer than 32 bytes.
 *
 * @example
 * ```ts
 * import { createNonces } from 'hewn/dpop';
 *
 * const nonces = createNonces(crypto.getRandomValues(new Uint8Array(32)));
 * const nonce = await nonces.issue(Date.now());
 * console.log(await nonces.accepts(nonce, Date.now()));
 * ```
 */
export function createNonces(secret: Uint8Array<ArrayBuffer>): Nonces {
  if (!(secret instanceof Uint8Array) || secret.length < DPOP_NONCE_SECRET_BYTES_MIN) {
    const least = DPOP_NONCE_SECRET_BYTES_MIN;
    throw new TypeError(`createNonces: the secret must be a Uint8Array of at least ${least} bytes`);
  }
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = crypto.subtle.importKey('raw', secret, algorithm, false, ['sign', 'verify']);
  const slotAt = (now: UnixMilliseconds): number => Math.floor(now / (DPOP_NONCE_SECONDS * 1000));
  const input = (slot: number) => utf8(`${LABEL}${slot}`);
  return {
    issue: async (now) => {
      const mac = await crypto.subtle.sign('HMAC', await imported, input(slotAt(now)));
      return toBase64Url(new Uint8Array(mac));
    },
    accepts: async (nonce, now) => {
      const mac = NONCE.test(nonce) ? fromBase64Url(nonce) : undefined;
      if (!mac) return false;
      const key = await imported;
      const slot = slotAt(now);
      for (const candidate of [slot, slot - 1]) {
        if (await crypto.subtle.verify('HMAC', key, mac, input(candidate))) return true;
      }
      return false;
    },
  };
}
