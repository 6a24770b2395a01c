import type { Head } from '../../src/feed/index.ts';
import { encodeEntry, headPayload } from '../../src/feed/log/index.ts';
import { CLOCK_SKEW_SECONDS_MAX, HEAD_NEXT_UPDATE_SECONDS } from '../../src/limits.ts';
import type { FeedScale } from './scale.ts';

const AT = 1_795_428_000;
const DIGEST = 'ab'.repeat(32);
const WORKFLOW_ID = `wf_${'A'.repeat(22)}`;

/** Returns the bytes of a head on the wire, with one key, no watermark and a snapshot. */
export function headBytes(): number {
  const head: Head = {
    v: 2,
    issuer: 'https://issuer.example',
    shard: 0,
    epoch: 1,
    seq: 1_000_000,
    chain: DIGEST,
    count: 100_000,
    issued_at: AT,
    next_update: AT + HEAD_NEXT_UPDATE_SECONDS,
    keys: [{ id: 1, publicKey: DIGEST }],
    watermarks: [],
    snapshot: { seq: 999_000, chain: DIGEST, hash: DIGEST, bytes: 800_513, count: 100_000 },
    delta_from: 998_000,
    previous: null,
  };
  const payload = Math.ceil((headPayload(head).length * 4) / 3);
  return JSON.stringify({ payload: '', signature: '' }).length + payload + 86;
}

/** Returns the bytes of the record of a revoked workflow. */
export const entryBytes = (): number =>
  encodeEntry({ kind: 'workflow', seq: 1, at: AT, expires: AT + 3_660, id: WORKFLOW_ID }).length;

/** Returns the bytes of a snapshot, with a group for each minute in which entries expire. */
export const snapshotBytes = ({ tokenSeconds }: FeedScale, live: number): number =>
  25 + 8 * Math.ceil((tokenSeconds + CLOCK_SKEW_SECONDS_MAX) / 60) + 8 * Math.ceil(live);
