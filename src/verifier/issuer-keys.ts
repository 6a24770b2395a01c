import {
  type AuthorityError,
  type IssuerKey,
  openToken,
  type RejectedHop,
  type TokenError,
  type TrustedIssuer,
  trustIssuer,
  type VerifiedCapability,
} from '../capability/index.ts';
import { type Clock, isWithin } from '../clock.ts';
import { toHex } from '../encoding.ts';
import type { HeadKey } from '../feed/index.ts';
import { KEYS_HEAD_SECONDS_MAX } from '../limits.ts';
import { readPublicKey } from '../public-key.ts';
import { type Result, refuse } from '../result.ts';
import type { TokenText } from './credentials.ts';
import type { Feed } from './freshness.ts';

const KEYS_ASK_MILLISECONDS = 1_000; // Between questions that any caller without a token provokes.

/**
 * The keys whose signatures a verifier trusts.
 *
 * - `'feed'`: the keys in the feed's latest head, so the issuer can rotate them without a change
 *   here.
 * - A list of keys: only these. The holder of the feed key cannot add one.
 * - A list with `'feed'` in it: both.
 */
export type KeysOption = 'feed' | readonly (IssuerKey | 'feed')[];

/** Verifies the signatures of a token with the keys that are trusted at this moment. */
export type OpenWithKeys = (
  token: TokenText,
) => Promise<
  Result<VerifiedCapability, TokenError | AuthorityError | RejectedHop | { code: 'head_missing' }>
>;

/** Returns the keys in the one spelling in which they are compared. */
export const inHex = (option: KeysOption): KeysOption =>
  option === 'feed'
    ? option
    : option.map((key) =>
        key === 'feed'
          ? key
          : { ...key, publicKey: toHex(readPublicKey(key.publicKey) ?? new Uint8Array()) },
      );

const isPinned = (key: IssuerKey | 'feed'): key is IssuerKey => key !== 'feed';

/** Returns a function that opens tokens with the keys that `option` trusts. */
export function issuerKeys(option: KeysOption, feed: Feed, now: Clock): OpenWithKeys {
  const pinned = option === 'feed' ? [] : option.filter(isPinned);
  if (option !== 'feed' && pinned.length === option.length) {
    const trusted = trustIssuer(pinned);
    return (token) => openToken(token, trusted);
  }
  const trustedWith = trustFeedKeys(pinned);
  let askedAt = Number.NEGATIVE_INFINITY;
  const ask = async (): Promise<void> => {
    // Any caller can provoke this, so all of them share one question a second.
    if (isWithin(askedAt, now(), KEYS_ASK_MILLISECONDS)) return;
    await feed.refresh();
    askedAt = now();
  };
  const isHeadOld = (): boolean =>
    feed.head === undefined ||
    (feed.ageSecondsMin ?? 0) > KEYS_HEAD_SECONDS_MAX ||
    Math.abs(now() / 1000 - feed.head.issued_at) > KEYS_HEAD_SECONDS_MAX;
  return async (token) => {
    if (feed.head === undefined) await ask();
    if (feed.head === undefined && pinned.length === 0) return refuse({ code: 'head_missing' });
    const trusted = trustedWith(feed.head?.keys);
    const opened = await openToken(token, trusted);
    if (opened.ok || opened.error.code !== 'signature_invalid') return opened;
    // The key may be newer than the head: an idle verifier has not heard of it.
    if (isHeadOld()) await ask();
    const newer = trustedWith(feed.head?.keys);
    return newer === trusted ? opened : openToken(token, newer);
  };
}

/**
 * Returns whether a public key, in hex, is trusted according to the head of this moment. A token is
 * opened before the log is asked. If the answer withdraws the key, the call that asked is denied.
 */
export function isKeyTrusted(option: KeysOption, key: string, { head }: Feed): boolean {
  const trusted = option === 'feed' ? [option] : option;
  return trusted.some((one) =>
    one === 'feed' ? head?.keys.some(({ publicKey }) => publicKey === key) : one.publicKey === key,
  );
}

/** A head arrives every second and its keys seldom change: they are imported when they do. */
function trustFeedKeys(pinned: readonly IssuerKey[]) {
  let trusted: TrustedIssuer | undefined;
  let imported: string | undefined;
  return (feedKeys: readonly HeadKey[] = []): TrustedIssuer => {
    const text = feedKeys.map(({ id, publicKey }) => `${id}:${publicKey}`).join();
    if (trusted === undefined || text !== imported) {
      trusted = trustIssuer([...pinned, ...feedKeys], trusted);
      imported = text;
    }
    return trusted;
  };
}
