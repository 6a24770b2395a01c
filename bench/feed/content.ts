/** A log of any size in memory: entries, heads, deltas and snapshots as `src/feed` has them. */
import { createHash } from 'node:crypto';
import { concatBytes } from '../../src/encoding.ts';
import type {
  FeedEntry,
  FeedQuery,
  Head,
  HeadKey,
  HeadWatermark,
  SignedHead,
} from '../../src/feed/index.ts';
import {
  chainInput,
  encodeEntry,
  encodeSnapshot,
  epochInput,
  type LiveRevocation,
  signHead,
} from '../../src/feed/log/index.ts';

export const ISSUER = 'https://issuer.example';
export const AT = 1_795_428_000;
const LIFE_MINUTES = 60;

/**
 * Returns an id like the issuer's, with 25 characters. The sequence is the same in each process.
 */
export function workflowId(index: number): string {
  const digest = createHash('sha256').update(String(index)).digest();
  return `wf_${digest.subarray(0, 16).toString('base64url')}`;
}

/** Yields revocations that expire over the next hour, without holding a million of them. */
export function* revocations(count: number): Generator<LiveRevocation> {
  for (let index = 0; index < count; index++) {
    const expires = AT + 60 * (1 + (index % LIFE_MINUTES));
    yield { kind: 'workflow', id: workflowId(index), expires };
  }
}

export const entryAt = (seq: number): FeedEntry => ({
  kind: 'workflow',
  seq,
  at: AT,
  expires: AT + 3_600,
  id: workflowId(seq),
});

export const deltaOf = (from: number, to: number): Uint8Array<ArrayBuffer> =>
  concatBytes(...Array.from({ length: to - from }, (_, at) => encodeEntry(entryAt(from + at + 1))));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function snapshotOf(revoked: Iterable<LiveRevocation>): Uint8Array<ArrayBuffer> {
  const salt = new Uint8Array(16).fill(7);
  const bytes = encodeSnapshot({ revoked, stops: [] }, salt);
  if (!bytes) throw new Error('Two ids have the same fingerprint under the salt of the bench.');
  return bytes;
}

export interface HeadOf {
  readonly keys?: number;
  readonly watermarks?: number;
  /** The snapshot with its number of entries, which is also the position of the last one. */
  readonly snapshot?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly count: number };
  /** Records of entries after the snapshot, or from the start. */
  readonly delta?: readonly FeedEntry[];
}

const CHAIN = sha256(epochInput({ issuer: ISSUER, shard: 0, epoch: 1, previous: null }));

export function headOf({ keys = 1, watermarks = 0, snapshot, delta = [] }: HeadOf): Head {
  let chain = CHAIN;
  for (const entry of delta) chain = sha256(chainInput(chain, encodeEntry(entry)));
  const count = snapshot?.count ?? 0;
  const seq = count + delta.length;
  return {
    v: 2,
    issuer: ISSUER,
    shard: 0,
    epoch: 1,
    seq,
    chain,
    count: seq,
    issued_at: AT,
    next_update: AT + 5,
    keys: Array.from({ length: keys }, (_, id): HeadKey => ({ id, publicKey: 'ab'.repeat(32) })),
    watermarks: Array.from({ length: watermarks }, (_, at): HeadWatermark => {
      const value = `spiffe://acme.example/agents/analyst-${at}`;
      return { scope: 'agent', value, before: AT, expires: AT + 3_600 };
    }),
    snapshot: snapshot
      ? {
          seq: count,
          chain: CHAIN,
          hash: sha256(snapshot.bytes),
          count,
          bytes: snapshot.bytes.length,
        }
      : null,
    delta_from: count,
    previous: null,
  };
}

const pair = (await crypto.subtle.generateKey('Ed25519', true, [
  'sign',
  'verify',
])) as CryptoKeyPair;

export const feedKey = pair.publicKey;

export const signed = (head: Head): Promise<SignedHead> =>
  signHead(
    head,
    async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes)),
  );

/** A query for a token of the workflow that nothing else stops. */
export const questionOf = (workflow: string): FeedQuery => ({
  workflow,
  ancestors: [],
  gen: 1,
  blocks: [],
  issuerKey: 'ab'.repeat(32),
  agent: 'spiffe://acme.example/agents/analyst',
  subject: 'user:alice',
  owner: 'team:growth',
  audience: 'https://crm.example',
  grants: [],
  issuedAt: new Date(AT * 1_000),
});
