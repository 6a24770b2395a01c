import {
  BUNDLE_REFRESH_MILLISECONDS,
  BUNDLE_REFRESH_MILLISECONDS_MIN,
  KEYS_AGE_MILLISECONDS_MAX,
  KEYS_COOLDOWN_MILLISECONDS,
  KEYS_FETCH_MILLISECONDS_MAX,
  KEYS_RETRY_MILLISECONDS,
} from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { SingleFlight } from '../../single-flight.ts';
import type { KeysFailure } from '../identity.ts';
import { type Fetch, fetchKeys, KeysUnavailable } from '../keys.ts';
import { type Bundle, mayFollow, readBundle } from './bundle.ts';

/** One trust domain's bundle, as fresh as it must be. */
export interface BundleSource {
  /** `newer`: the one at hand lacks a key, and the domain may have rotated. */
  current(newer: boolean): Promise<Result<Bundle, KeysFailure>>;
}

/** A bundle that stands in the configuration: a change of it is a deployment. */
export const fixedBundle = (bundle: Bundle): BundleSource => ({ current: async () => ok(bundle) });

/**
 * A bundle that is fetched from its one configured URL (profile https_web), again whenever the
 * domain's hint has passed, and held no longer than any other key set: a domain that cannot be
 * asked cannot tell that a key was revoked.
 */
export function remoteBundle(uri: string, fetch: Fetch, now: () => number): BundleSource {
  let held: { readonly bundle: Bundle; readonly fetchedAt: number } | undefined;
  let failed: { readonly why: KeysFailure; readonly at: number } | undefined;
  const refresh = new SingleFlight(async () => {
    if (failed && now() - failed.at < KEYS_RETRY_MILLISECONDS) return;
    const fetched = await fetchBundle(uri, fetch);
    if (!fetched.ok) {
      failed = { why: fetched.error, at: now() };
    } else if (held && !mayFollow(held.bundle, fetched.value)) {
      failed = { why: 'sequence_went_back', at: now() };
    } else {
      held = { bundle: fetched.value, fetchedAt: now() };
      failed = undefined;
    }
  }, KEYS_FETCH_MILLISECONDS_MAX);
  return {
    current: async (newer) => {
      const age = held ? now() - held.fetchedAt : Number.POSITIVE_INFINITY;
      const ageMax = newer ? KEYS_COOLDOWN_MILLISECONDS : refreshMilliseconds(held?.bundle);
      if (age >= ageMax) await refresh.join();
      if (held && now() - held.fetchedAt < KEYS_AGE_MILLISECONDS_MAX) return ok(held.bundle);
      return refuse(failed?.why ?? 'timeout');
    },
  };
}

/** The domain's hint, where it neither floods the domain nor leaves a revoked key too long. */
const refreshMilliseconds = (bundle: Bundle | undefined): number =>
  Math.min(
    BUNDLE_REFRESH_MILLISECONDS,
    Math.max(BUNDLE_REFRESH_MILLISECONDS_MIN, (bundle?.refreshHint ?? Infinity) * 1000),
  );

async function fetchBundle(uri: string, fetch: Fetch): Promise<Result<Bundle, KeysFailure>> {
  const signal = AbortSignal.timeout(KEYS_FETCH_MILLISECONDS_MAX);
  try {
    const response = await fetchKeys(uri, { redirect: 'manual', signal }, fetch);
    const bundle = readBundle(await response.json());
    return bundle.ok ? bundle : refuse('not_a_key_set');
  } catch (error) {
    if (error instanceof KeysUnavailable) return refuse(error.why);
    throw error;
  }
}
