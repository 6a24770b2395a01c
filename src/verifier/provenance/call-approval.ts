import type { ApprovalBlock, VerifiedCapability } from '../../capability/index.ts';
import {
  argumentsDigest,
  type CheckedCall,
  covers,
  readApprovals,
} from '../../capability/index.ts';
import { toSeconds } from '../../clock.ts';
import { toHex } from '../../encoding.ts';
import { type ApproverKey, approverKeysOf } from '../../feed/index.ts';
import { APPROVED_CALL_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../limits.ts';
import { feedOf } from '../acceptance.ts';
import type { UsedApproval } from '../decision.ts';
import type { Feed } from '../freshness.ts';
import type { Tier } from '../tiers.ts';
import type { Attestation, AttestedCall } from './attester.ts';

/** Why a block that approves calls counts for nothing. */
export type IgnoredApproval =
  /** No head lists the key, or it listed it until a time that has passed. */
  | 'approver_unknown'
  /** The key may not approve calls on this dataset. */
  | 'approver_dataset'
  /** It is valid for longer than any approval may be. */
  | 'approval_too_long'
  /** It was withdrawn: the feed has its signature. */
  | 'approval_withdrawn'
  /** It is for another tool or other arguments. */
  | 'approval_of_another_call'
  /** Nothing here counts calls, so a call of tier 3 could be made twice with it. */
  | 'approval_uncounted';

/** What the blocks of a token say about one call. */
export interface FoundApproval {
  readonly approval?: UsedApproval;
  readonly ignored: readonly IgnoredApproval[];
}

/** What approvals are judged by, besides the token and the call. */
export interface ApprovalContext {
  readonly keys: readonly ApproverKey[];
  /** The log of the workflow's shard, which has what was withdrawn. */
  readonly feed: Pick<Feed, 'find'>;
  readonly now: number;
  readonly tier: Tier;
  /** Whether each allowed call is charged to its workflow together with its approval. */
  readonly spendsApprovals: boolean;
}

/**
 * Returns the approval of exactly this call. A block that does not fit is ignored and named: an
 * approval only ever adds. The end of each block is a check of the token, which the engine judges.
 */
export async function findApproval(
  token: VerifiedCapability,
  call: Pick<CheckedCall, 'tool' | 'dataset' | 'args'>,
  context: ApprovalContext,
): Promise<FoundApproval> {
  const blocks = await readApprovals(token.signedBlocks);
  if (blocks.length === 0) return { ignored: [] };
  const digest = toHex(await argumentsDigest(call.args ?? {}));
  const ignored: IgnoredApproval[] = [];
  for (const block of blocks) {
    const { calls, until } = block;
    const approved = calls.find(({ tool, args }) => tool === call.tool && args === digest);
    const why = approved
      ? faultOf(block, token, call.dataset, context)
      : ('approval_of_another_call' as const);
    if (approved && !why) {
      const { id, by, version } = approved;
      return { approval: { id, by, version, until, once: isCounted(context) }, ignored };
    }
    if (why) ignored.push(why);
  }
  return { ignored };
}

function faultOf(
  { key, until, signature }: ApprovalBlock,
  token: VerifiedCapability,
  datasets: readonly string[],
  context: ApprovalContext,
): IgnoredApproval | undefined {
  const { keys, feed, tier } = context;
  const now = toSeconds(context.now);
  const hex = toHex(key.bytes);
  const known = keys.find(({ public_key }) => public_key === hex && key.algorithm === 'ed25519');
  if (!known || (known.until !== null && known.until <= now)) return 'approver_unknown';
  const isWithin = (dataset: string) => known.datasets?.some((own) => covers(own, dataset)) ?? true;
  if (!datasets.every(isWithin)) return 'approver_dataset';
  // Its clock may be ahead of ours.
  if (until - now > APPROVED_CALL_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX) return 'approval_too_long';
  const { authority, issuerKey } = token;
  const hit = feed.find({ ...authority, issuerKey, blocks: [signature] });
  if (hit?.by === 'block') return 'approval_withdrawn';
  return tier === 3 && !isCounted(context) ? 'approval_uncounted' : undefined;
}

/** Calls of tiers 0 and 1 are never charged before they are made. */
const isCounted = ({ tier, spendsApprovals }: ApprovalContext): boolean =>
  spendsApprovals && tier >= 2;

/** Attests every argument of a call that a person approved, by the blocks of its token. */
export async function attestApproval({
  context,
  token,
  request,
  call,
}: AttestedCall): Promise<Attestation> {
  const { head } = context.feed;
  const feed = feedOf(context, token);
  if (!head || !feed) return {};
  const { approval, ignored } = await findApproval(token, call, {
    keys: approverKeysOf(head),
    feed,
    now: context.now(),
    tier: request.tier,
    spendsApprovals: context.spendsApprovals ?? false,
  });
  return {
    ...(approval && { approval, everywhere: ['approved'] }),
    ignored: ignored.map((why) => ({ part: 'approval', why: WORDS[why] })),
  };
}

const WORDS: { readonly [Why in IgnoredApproval]: string } = {
  approver_unknown: 'no head lists the key that signed it',
  approver_dataset: 'its key may not approve calls on this dataset',
  approval_too_long: 'it would be valid for too long',
  approval_withdrawn: 'it was withdrawn',
  approval_of_another_call: 'it is for another call',
  approval_uncounted: 'nothing here counts calls, so it could be used twice',
};
