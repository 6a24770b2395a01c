import {
  CAPABILITY_SECONDS_MAX,
  CLOCK_SKEW_SECONDS_MAX,
  ISSUER_KEYS_MAX,
  KEY_ID_MAX,
  KEY_PUBLISHED_SECONDS_MIN,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';

/** An Ed25519 pair in the forms that the Workers' configuration takes. */
export interface KeyPair {
  /** `ed25519-private/<hex seed>` */
  readonly privateKey: string;
  /** 32 bytes in hex. */
  readonly publicKey: string;
}

/**
 * `published`: its tokens count, and none is minted under it; either it comes next, or it was
 * active before. `active`: it mints. `retired`: its tokens count no longer.
 */
export type KeyState = 'published' | 'active' | 'retired';

export interface RingKey {
  readonly id: number;
  readonly state: KeyState;
  /** Unix seconds: when it came into this state. */
  readonly since: number;
  readonly publicKey: string;
  /** Absent in a retired key: what signs nothing any more is not kept. */
  readonly privateKey?: string;
}

/** Root keys in the order of their ids; one of them is active. */
export type KeyRing = readonly RingKey[];

export type RingError =
  | { readonly code: 'keys_count'; readonly count: number }
  | { readonly code: 'key_ids_used_up' }
  | { readonly code: 'key_unknown'; readonly id: number }
  | { readonly code: 'no_next_key' }
  | { readonly code: 'key_not_published'; readonly id: number; readonly state: KeyState }
  | { readonly code: 'key_active'; readonly id: number }
  /** Some verifier may not know it yet, or some token of it may be alive. */
  | { readonly code: 'too_early'; readonly id: number; readonly waitSeconds: number };

/** What a person may know better than the clock, such as that the key was stolen. */
export interface RingStep {
  /** Unix seconds. */
  readonly now: number;
  /** Do it although it is too early. */
  readonly atOnce: boolean;
}

/** The first key of a ring is active; any other is published first. */
export function addKey(ring: KeyRing, pair: KeyPair, now: number): Result<KeyRing, RingError> {
  const live = ring.filter(({ state }) => state !== 'retired').length;
  if (live >= ISSUER_KEYS_MAX) return refuse({ code: 'keys_count', count: live });
  const id = Math.max(0, ...ring.map((key) => key.id)) + 1;
  if (id > KEY_ID_MAX) return refuse({ code: 'key_ids_used_up' });
  const state = ring.length === 0 ? 'active' : 'published';
  return ok([...ring, { id, state, since: now, ...pair }]);
}

/**
 * Mints under another key from now on: the one with `id`, or the newest that was never active. The
 * key until now stays published, for the tokens that are alive.
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

/** Takes a key back: every token of it is dead once verifiers have the next head. */
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
  // What was never active has signed nothing.
  const lifeSeconds = id > newest ? 0 : CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
  const waitSeconds = key.since + lifeSeconds - now;
  if (waitSeconds > 0 && !atOnce) return refuse({ code: 'too_early', id, waitSeconds });
  const { publicKey } = key;
  return ok(
    ring.map((one) => (one === key ? { id, state: 'retired', since: now, publicKey } : one)),
  );
}

/** Why a list is no ring, or undefined. */
export function ringFault(ring: KeyRing): string | undefined {
  const active = ring.filter(({ state }) => state === 'active').length;
  if (active !== 1) return `${active} keys are active, and exactly one mints`;
  if (ring.some(({ id }, at) => at > 0 && id <= (ring[at - 1]?.id ?? 0))) {
    return 'the ids do not ascend';
  }
  return undefined;
}
