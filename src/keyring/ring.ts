import type { UnixSeconds } from '../clock.ts';
import {
  CAPABILITY_SECONDS_MAX,
  CLOCK_SKEW_SECONDS_MAX,
  ISSUER_KEYS_MAX,
  KEY_ID_MAX,
  KEY_PUBLISHED_SECONDS_MIN,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';

/** An Ed25519 key pair in the formats that the Workers' configuration uses. */
export interface KeyPair {
  /** `ed25519-private/<hex seed>` */
  readonly privateKey: string;
  /** 32 bytes in hex. */
  readonly publicKey: string;
}

/**
 * `published`: verifiers accept its tokens, but it signs no new ones; it is either next or was
 * active before. `active`: it signs. `retired`: verifiers reject its tokens.
 */
export type KeyState = 'published' | 'active' | 'retired';

export interface RingKey {
  readonly id: number;
  readonly state: KeyState;
  /** When it entered this state. */
  readonly since: UnixSeconds;
  readonly publicKey: string;
  /** Absent in a retired key, which never signs again. */
  readonly privateKey?: string;
}

/** Root keys in ascending order of their ids. Exactly one is active. */
export type KeyRing = readonly RingKey[];

export type RingError =
  | { readonly code: 'keys_count'; readonly count: number }
  | { readonly code: 'key_ids_used_up' }
  | { readonly code: 'key_unknown'; readonly id: number }
  | { readonly code: 'no_next_key' }
  | { readonly code: 'key_not_published'; readonly id: number; readonly state: KeyState }
  | { readonly code: 'key_active'; readonly id: number }
  /** Some verifier may not know the key yet, or some token of it may not have expired. */
  | { readonly code: 'too_early'; readonly id: number; readonly waitSeconds: number };

/** A step of the rotation. A person can override the waiting time, for example after a theft. */
export interface RingStep {
  readonly now: UnixSeconds;
  /** Skips the waiting time. */
  readonly atOnce: boolean;
}

/** Adds a key. The first key of a ring is active at once; any other starts as published. */
export function addKey(ring: KeyRing, pair: KeyPair, now: UnixSeconds): Result<KeyRing, RingError> {
  const live = ring.filter(({ state }) => state !== 'retired').length;
  if (live >= ISSUER_KEYS_MAX) return refuse({ code: 'keys_count', count: live });
  const id = Math.max(0, ...ring.map((key) => key.id)) + 1;
  if (id > KEY_ID_MAX) return refuse({ code: 'key_ids_used_up' });
  const state = ring.length === 0 ? 'active' : 'published';
  return ok([...ring, { id, state, since: now, ...pair }]);
}

/**
 * Makes another key active: the one with `id`, or the newest that was never active. The previous
 * active key stays published, so that its tokens remain valid until they expire.
 */
export function rotateKeys(
  ring: KeyRing,
  id: number | undefined,
  { now, atOnce }: RingStep,
): Result<KeyRing, RingError> {
  const active = ring.find(({ state }) => state === 'active');
  const next =
    id === undefined
      ? ring.findLast((key) => key.state === 'published' && key.id > (active?.id ?? 0))
      : ring.find((key) => key.id === id);
  if (!next)
    return refuse(id === undefined ? { code: 'no_next_key' } : { code: 'key_unknown', id });
  if (next.state !== 'published') {
    return refuse({ code: 'key_not_published', id: next.id, state: next.state });
  }
  const waitSeconds = next.since + KEY_PUBLISHED_SECONDS_MIN - now;
  if (waitSeconds > 0 && !atOnce) return refuse({ code: 'too_early', id: next.id, waitSeconds });
  return ok(
    ring.map((key): RingKey => {
      if (key.id === next.id) return { ...key, state: 'active', since: now };
      return key.state === 'active' ? { ...key, state: 'published', since: now } : key;
    }),
  );
}

/** Retires a key. Verifiers reject all its tokens as soon as they have the next head. */
export function retireKey(
  ring: KeyRing,
  id: number,
  { now, atOnce }: RingStep,
): Result<KeyRing, RingError> {
  const key = ring.find((one) => one.id === id);
  if (!key) return refuse({ code: 'key_unknown', id });
  if (key.state === 'active') return refuse({ code: 'key_active', id });
  if (key.state === 'retired') return refuse({ code: 'key_not_published', id, state: 'retired' });
  const newest = ring.find(({ state }) => state === 'active')?.id ?? 0;
  // A key that was never active has signed nothing.
  const lifeSeconds = id > newest ? 0 : CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
  const waitSeconds = key.since + lifeSeconds - now;
  if (waitSeconds > 0 && !atOnce) return refuse({ code: 'too_early', id, waitSeconds });
  const { publicKey } = key;
  return ok(
    ring.map((one) => (one === key ? { id, state: 'retired', since: now, publicKey } : one)),
  );
}

/** Returns why a list is not a valid ring, or undefined. */
export function ringFault(ring: KeyRing): string | undefined {
  const active = ring.filter(({ state }) => state === 'active').length;
  if (active !== 1) return `${active} keys are active; exactly one must be`;
  if (ring.some(({ id }, at) => at > 0 && id <= (ring[at - 1]?.id ?? 0))) {
    return 'the ids are not in ascending order';
  }
  return undefined;
}
