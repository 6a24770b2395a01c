import type { CryptoKey } from 'jose';
import { fromHex } from '../../encoding.ts';
import type { ReplicaOptions } from '../../feed/index.ts';
import { readKeyFile } from '../../key-file/index.ts';
import { FEED_SHARDS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { issuerOf } from '../issuer.ts';
import { keyFilePath } from '../keys/target.ts';

const SHARD_FLAG = {
  shard: { kind: 'text', value: 'N', description: 'the shard of the feed; by default 0' },
} as const;

export const FEED_FLAGS = {
  ...SHARD_FLAG,
  issuer: ISSUER_FLAGS.issuer,
  'feed-key': {
    kind: 'text',
    value: 'HEX',
    description:
      'the public feed key, which verifies the feed; by default HEWN_FEED_KEY, or the one in the key file',
  },
  file: {
    kind: 'text',
    value: 'FILE',
    description: 'read the feed key from this key file; by default .hewn/dev/keys.json',
  },
  ...JSON_FLAG,
} as const;

export interface FeedValues {
  readonly issuer: string | undefined;
  readonly file: string | undefined;
  readonly 'feed-key': string | undefined;
  readonly shard: string | undefined;
}

/** Reads whose feed to follow, and under which key. */
export async function readFeedSource(
  context: CommandContext,
  values: FeedValues,
): Promise<Result<Required<Omit<ReplicaOptions, 'witnesses'>>, string>> {
  const { file, shard: text = '0' } = values;
  const given =
    values['feed-key'] ?? (file === undefined ? context.variable('HEWN_FEED_KEY') : undefined);
  const keys = given === undefined ? await readKeyFile(keyFilePath(context, file)) : undefined;
  const hex = given ?? (keys?.ok ? keys.value.feed.publicKey : '');
  const feedKey = await readPublicKey(hex);
  if (!feedKey) {
    return refuse('no feed key: pass --feed-key, or set HEWN_FEED_KEY, to its 64 hex digits');
  }
  const shard = /^\d{1,5}$/.test(text) ? Number(text) : FEED_SHARDS_MAX;
  if (shard >= FEED_SHARDS_MAX) {
    return refuse(`--shard must be a number from 0 to ${FEED_SHARDS_MAX - 1}`);
  }
  return ok({ issuer: await issuerOf(context, values), feedKey, shard });
}

/** Imports the public half of an Ed25519 key from 64 hex digits. */
export async function readPublicKey(hex: string): Promise<CryptoKey | undefined> {
  const raw = fromHex(hex);
  if (raw?.length !== 32) return undefined;
  try {
    return await crypto.subtle.importKey('raw', raw, 'Ed25519', true, ['verify']);
  } catch {
    return undefined; // Not a point of the curve.
  }
}
