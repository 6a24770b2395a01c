import {
  KEYS_AGE_MILLISECONDS_MAX,
  KEYS_COOLDOWN_MILLISECONDS,
  KEYS_FETCH_MILLISECONDS_MAX,
  KEYS_RETRY_MILLISECONDS,
} from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { Fetched } from '../fetched.ts';
import type { KeysFailure } from '../identity.ts';
import { type Fetch, fetchJson, type KeySource } from '../keys.ts';
import { type Bundle, mayFollow, readBundle } from './bundle.ts';

// SPIFFE Trust Domain and Bundle section 4.1.2 recommends five minutes.
const BUNDLE_REFRESH_MILLISECONDS = 5 * 60 * 1_000;
const BUNDLE_REFRESH_MILLISECONDS_MIN = 10_000; // A shorter hint of the domain is ignored.

/** Provides the current bundle of one trust domain. */
export interface BundleSource {
  /**
   * `newer` asks for a recent one: the cached bundle lacks a key, so the domain may have rotated.
   */
  current(newer: boolean): Promise<Result<Bundle, KeysFailure>>;
}

/** A bundle from the configuration, which changes only with a deployment. */
export const fixedBundle = (bundle: Bundle): BundleSource => ({ current: async () => ok(bundle) });

/**
 * A bundle that is fetched from its configured URL (profile https_web), and fetched again as the
 * domain's refresh hint says. It is cached no longer than any other key set: an unreachable domain
 * cannot announce that a key was revoked.
 */
export function remoteBundle(uri: string, { fetch, now, background }: KeySource): BundleSource {
  let hint: number | undefined;
  const bundle = new Fetched<Bundle>({
    fetch: async (previous) => {
      const fetched = await fetchBundle(uri, fetch);
      if (!fetched.ok) return fetched;
      if (previous && !mayFollow(previous, fetched.value)) return refuse('sequence_went_back');
      hint = fetched.value.refreshHint;
      return fetched;
    },
    millisecondsMax: KEYS_FETCH_MILLISECONDS_MAX,
    retryMilliseconds: KEYS_RETRY_MILLISECONDS,
    now,
    background,
  });
  return {
    current: (newer) =>
      bundle.get({
        freshMilliseconds: newer ? KEYS_COOLDOWN_MILLISECONDS : refreshMilliseconds(hint),
        usableMilliseconds: KEYS_AGE_MILLISECONDS_MAX,
      }),
  };
}

/** The domain's hint, bounded so that it neither floods the domain nor keeps revoked keys. */
const refreshMilliseconds = (hint: number | undefined): number =>
  Math.min(
    BUNDLE_REFRESH_MILLISECONDS,
    Math.max(BUNDLE_REFRESH_MILLISECONDS_MIN, (hint ?? Infinity) * 1000),
  );

async function fetchBundle(uri: string, fetch: Fetch): Promise<Result<Bundle, KeysFailure>> {
  const read = await fetchJson(uri, fetch);
  if (!read.ok) return read;
  const bundle = readBundle(read.value);
  return bundle.ok ? bundle : refuse('not_a_key_set');
}
