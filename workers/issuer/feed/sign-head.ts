import type {
  Head,
  HeadWatermark,
  SignedHead,
  SnapshotReference,
} from '../../../src/feed/index.ts';
import { signHead } from '../../../src/feed/log/index.ts';
import { HEAD_NEXT_UPDATE_SECONDS } from '../../../src/limits.ts';
import type { IssuerConfig } from '../platform/config.ts';
import { publicHex, signingKey } from '../platform/keys.ts';
import type { LogState } from './entries.ts';

/** All that a head says, but for what the configuration adds. */
export interface HeadContent {
  readonly shard: number;
  /** As `LogEntries.stamp` answered: the time in it is written down already. */
  readonly state: LogState;
  readonly watermarks: readonly HeadWatermark[];
  readonly snapshot: SnapshotReference | null;
}

export async function signHeadOf(
  { issuer, publishedKeys, feedKey }: IssuerConfig,
  { shard, state, watermarks, snapshot }: HeadContent,
): Promise<SignedHead> {
  const keys = await Promise.all(
    publishedKeys.map(async ({ id, key }) => ({ id, publicKey: await publicHex(key) })),
  );
  const { epoch, seq, chain, previous, deltaFrom, live, issuedAt } = state;
  const head: Head = {
    v: 2,
    issuer,
    shard,
    epoch,
    seq,
    chain,
    count: live,
    issued_at: issuedAt,
    next_update: issuedAt + HEAD_NEXT_UPDATE_SECONDS,
    keys,
    watermarks,
    snapshot,
    delta_from: deltaFrom,
    previous,
  };
  const key = await signingKey(feedKey);
  return signHead(
    head,
    async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes)),
  );
}
