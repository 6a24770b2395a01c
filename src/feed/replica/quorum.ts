import type { UnixSeconds } from '../../clock.ts';
import { HEAD_FUTURE_SECONDS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  type CheckpointFault,
  checkInclusion,
  fromBase64,
  leafHash,
  noteKey,
  type Policy,
  readPolicy,
  requireQuorum,
} from '../../tlog/index.ts';
import { checkpointOf } from '../format/checkpoint-extension.ts';
import type { Head } from '../format/head.ts';
import { openingLeaf, positionLeaf } from '../format/position-leaf.ts';

/** Why the witnesses do not vouch for a head. */
export type CoverageFault =
  /** The policy of this verifier cannot be read, or demands no witness. */
  | 'policy_malformed'
  /** The head carries no checkpoint: its position is newer, or the log is not witnessed. */
  | 'checkpoint_missing'
  | CheckpointFault
  /** The checkpoint is not of this log. */
  | 'checkpoint_foreign'
  /** The tree of the checkpoint says something else about this position, or nothing. */
  | 'checkpoint_differs';

/** Whom a verifier believes about the history of one log. */
export interface QuorumRule {
  /** A policy in the form of C2SP tlog-policy. */
  readonly policy: string;
  /** See `feedOrigin`. */
  readonly origin: string;
}

/**
 * Returns when the quorum last saw that the position of a head is the newest of its log. No more
 * than now: a witness from the future would keep a head fresh until its time comes.
 */
export async function coverageOf(
  head: Head,
  { policy: text, origin }: QuorumRule,
  now: UnixSeconds,
): Promise<Result<UnixSeconds, CoverageFault>> {
  const policy = policyFor(text, origin);
  if (!policy) return refuse('policy_malformed');
  const value = checkpointOf(head);
  if (!value) return refuse('checkpoint_missing');
  const { note, first, opening, newest } = value;
  const checkpoint = await requireQuorum(note, policy, now + HEAD_FUTURE_SECONDS_MAX);
  if (!checkpoint.ok) return checkpoint;
  const { origin: named, size, root, quorumTime } = checkpoint.value;
  if (policy.logs.every(({ name }) => name !== named)) return refuse('checkpoint_foreign');
  const isIn = (index: number, entry: Uint8Array<ArrayBuffer>, lines: readonly string[]) =>
    checkInclusion({ index, size, leaf: leafHash(entry), root }, hashesOf(lines));
  // The leaf with the index 1 is about `first`, so the last one is about this.
  const isNewest = head.seq === first + size - 2;
  const isTrue =
    isNewest && isIn(0, openingLeaf(first), opening) && isIn(size - 1, positionLeaf(head), newest);
  return isTrue ? ok(Math.min(quorumTime, now)) : refuse('checkpoint_differs');
}

const hashesOf = (lines: readonly string[]): readonly Uint8Array[] =>
  lines.map((line) => fromBase64(line) ?? new Uint8Array());

const policies = new Map<string, Policy | undefined>();
const POLICIES_MAX = 64;

/**
 * Returns the policy for one log. A `log` line of a policy names the key of the issuer's logs under
 * one of their origins; the key signs the checkpoints of every log under the origin of that log. If
 * that origin has a generation, so has this one: the policy of the verifier names it, and not the
 * feed.
 */
function policyFor(text: string, origin: string): Policy | undefined {
  const key = `${origin}\n${text}`;
  if (policies.has(key)) return policies.get(key);
  if (policies.size >= POLICIES_MAX) policies.clear();
  const policy = readQuorumPolicy(text, origin);
  policies.set(key, policy);
  return policy;
}

function readQuorumPolicy(text: string, origin: string): Policy | undefined {
  const read = readPolicy(text);
  if (!read.ok || read.value.quorum === 'none' || read.value.logs.length === 0) return undefined;
  const logs = read.value.logs.map(({ key }) => {
    const name = inGenerationOf(key.name, origin);
    return { name, key: noteKey(name, 'log', key.publicKey) };
  });
  return { ...read.value, logs };
}

/** Returns the origin of a feed in the generation that the name of a key has. */
function inGenerationOf(keyName: string, origin: string): string {
  const end = origin.lastIndexOf('/feed/');
  const base = origin.slice(0, end);
  const [, generation] =
    /^\/([1-9]\d{0,11})\/(?:audit|feed)\//.exec(keyName.slice(base.length)) ?? [];
  const isOfIssuer = keyName.startsWith(`${base}/`) && generation !== undefined;
  return isOfIssuer ? `${base}/${generation}${origin.slice(end)}` : origin;
}
