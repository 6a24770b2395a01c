import { fromHex } from '../../encoding.ts';
import type { ReplicaOptions } from '../../feed/index.ts';
import { FEED_SHARDS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type Surroundings, SWITCH, TEXT } from '../command.ts';
import { ISSUER_FLAGS, issuerOf } from '../issuer.ts';
import { readKeyFile } from '../keys/file.ts';
import { keyFileAt } from '../keys/target.ts';

export const FEED_FLAGS = {
  ...ISSUER_FLAGS,
  'feed-key': TEXT,
  shard: TEXT,
  json: SWITCH,
} as const;

export const FEED_HELP = `The issuer is --issuer URL, or HEWN_ISSUER, or http://127.0.0.1:8788, that of npm start.
The feed key is --feed-key HEX, or HEWN_FEED_KEY, or that of the key file: --file, or
.hewn/local.json. It is public, and what all else stands on: do not ask the issuer for it each time.`;

export interface FeedValues {
  readonly issuer?: string | undefined;
  readonly file?: string | undefined;
  readonly 'feed-key'?: string | undefined;
  readonly shard?: string | undefined;
}

/** Whose feed, under which key. */
export async function readSource(
  at: Surroundings,
  values: FeedValues,
): Promise<Result<Required<ReplicaOptions>, string>> {
  const { file, shard: text = '0' } = values;
  const given =
    values['feed-key'] ?? (file === undefined ? at.variable('HEWN_FEED_KEY') : undefined);
  const keys = given === undefined ? await readKeyFile(keyFileAt(at, file)) : undefined;
  const hex = given ?? (keys?.ok ? keys.value.feed.publicKey : '');
  const feedKey = await readPublicKey(hex);
  if (!feedKey) return refuse('the feed key is 64 hex digits: --feed-key HEX, or HEWN_FEED_KEY');
  const shard = /^\d{1,5}$/.test(text) ? Number(text) : FEED_SHARDS_MAX;
  if (shard >= FEED_SHARDS_MAX) return refuse('--shard is a number from 0 to 65535');
  return ok({ issuer: issuerOf(at, values), feedKey, shard });
}

/** The public half of an Ed25519 key from 64 hex digits. */
export async function readPublicKey(hex: string): Promise<CryptoKey | undefined> {
  const raw = fromHex(hex);
  if (raw?.length !== 32) return undefined;
  try {
    return await crypto.subtle.importKey('raw', raw, 'Ed25519', true, ['verify']);
  } catch {
    return undefined; // Not a point of the curve.
  }
}
