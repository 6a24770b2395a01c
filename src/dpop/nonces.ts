import { fromBase64Url, toBase64Url, utf8 } from '../encoding.ts';

const DPOP_NONCE_SECRET_BYTES_MIN = 32; // An HMAC with less is guessed before a nonce ends.
const DPOP_NONCE_SECONDS = 60; // A nonce is good for one slot to two; a client learns fast.

/** Nonces that a server asks for (RFC 9449 section 8), so that no proof can be made in advance. */
export interface Nonces {
  /** The nonce to hand out at `now`, in Unix milliseconds. */
  issue(now: number): Promise<string>;
  /** Whether it was handed out in this slot of time or in the one before. */
  accepts(nonce: string, now: number): Promise<boolean>;
}

const LABEL = 'hewn-dpop-nonce-v1\0';
const NONCE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Nonces without storage: an HMAC over the slot of time under a secret, so that every isolate that
 * has the secret accepts what another one handed out. A nonce is good for one slot to two.
 */
export function createNonces(secret: Uint8Array<ArrayBuffer>): Nonces {
  if (!(secret instanceof Uint8Array) || secret.length < DPOP_NONCE_SECRET_BYTES_MIN) {
    const least = DPOP_NONCE_SECRET_BYTES_MIN;
    throw new TypeError(`createNonces: the secret must be a Uint8Array of at least ${least} bytes`);
  }
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = crypto.subtle.importKey('raw', secret, algorithm, false, ['sign', 'verify']);
  const slotAt = (now: number): number => Math.floor(now / (DPOP_NONCE_SECONDS * 1000));
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
      for (const past of [slot, slot - 1]) {
        if (await crypto.subtle.verify('HMAC', key, mac, input(past))) return true;
      }
      return false;
    },
  };
}
