import {
  type AuthorityError,
  type IssuerKey,
  openToken,
  type TokenError,
  type TrustedIssuer,
  trustIssuer,
  type VerifiedCapability,
} from '../capability/index.ts';
import { type Clock, isWithin } from '../clock.ts';
import type { HeadKey } from '../feed/index.ts';
import { KEYS_HEAD_SECONDS_MAX } from '../limits.ts';
import { type Result, refuse } from '../result.ts';
import type { Feed } from './freshness.ts';

const KEYS_ASK_MILLISECONDS = 1_000; // Between such questions, which strangers provoke.

/**
 * Whose signatures count. `'feed'`: the keys of the feed's newest head, so that the issuer rotates
 * them with no change here. A list: these alone, which then takes more than the feed key to change.
 * A list with `'feed'` in it: both.
 */
export type KeysOption = 'feed' | readonly (IssuerKey | 'feed')[];

/** Opens a token under the keys that count at this moment. */
export type OpenUnderKeys = (
  text: string,
) => Promise<Result<VerifiedCapability, TokenError | AuthorityError | { code: 'head_missing' }>>;

const isPinned = (key: IssuerKey | 'feed'): key is IssuerKey => key !== 'feed';

export function issuerKeys(option: KeysOption, feed: Feed, now: Clock): OpenUnderKeys {
  const pinned = option === 'feed' ? [] : option.filter(isPinned);
  if (option !== 'feed' && pinned.length === option.length) {
    const trusted = trustIssuer(pinned);
    return (text) => openToken(text, trusted);
  }
  const current = latest(pinned);
  let answeredAt = Number.NEGATIVE_INFINITY;
  const ask = async (): Promise<void> => {
    // No good token is needed to come here: strangers get one question in a while, or share one.
    if (isWithin(answeredAt, now(), KEYS_ASK_MILLISECONDS)) return;
    await feed.refresh();
    answeredAt = now();
  };
  const isOld = (): boolean =>
    feed.head === undefined ||
    (feed.ageSecondsMin ?? 0) > KEYS_HEAD_SECONDS_MAX ||
    Math.abs(now() / 1000 - feed.head.issued_at) > KEYS_HEAD_SECONDS_MAX;
  return async (text) => {
    if (feed.head === undefined) await ask();
    if (feed.head === undefined && pinned.length === 0) return refuse({ code: 'head_missing' });
    const known = current(feed.head?.keys);
    const opened = await openToken(text, known);
    if (opened.ok || opened.error.code !== 'signature_invalid') return opened;
    // The key may be newer than the head: a verifier that nobody called for an hour knows neither.
    if (isOld()) await ask();
    const newer = current(feed.head?.keys);
    return newer === known ? opened : openToken(text, newer);
  };
}

/**
 * Whether a key, in hex, counts by the head of this moment. A token is opened before the log is
 * asked; a key that the answer takes back must not count for the call that asked.
 */
export function countsStill(option: KeysOption, key: string, { head }: Feed): boolean {
  const counted = option === 'feed' ? [option] : option;
  return counted.some((one) =>
    one === 'feed' ? head?.keys.some(({ publicKey }) => publicKey === key) : one.publicKey === key,
  );
}

/** A head comes every second and its keys seldom change: they are imported when they do. */
function latest(pinned: readonly IssuerKey[]) {
  let trusted: TrustedIssuer | undefined;
  let seen: string | undefined;
  return (offered: readonly HeadKey[] = []): TrustedIssuer => {
    const spelled = offered.map(({ id, publicKey }) => `${id}:${publicKey}`).join();
    if (trusted === undefined || spelled !== seen) {
      trusted = trustIssuer([...pinned, ...offered], trusted);
      seen = spelled;
    }
    return trusted;
  };
}
