/** Where the values of a call come from, for tokens that ask. Loaded by the first of them. */
import type { CheckedCall } from '../../capability/index.ts';
import { argumentOrigins, type Provenance } from '../../provenance/index.ts';

export { ATTACHED_HEADER, readAttachedHeader } from '../../receipts/index.ts';

import type { Denial, Evidence } from '../decision.ts';
import type { AttestedCall, Attester } from './attester.ts';
import { type ApprovalContext, attestApproval } from './call-approval.ts';
import { attestPrompt } from './prompt.ts';
import { attestReceipts } from './receipts.ts';

const ATTESTERS: readonly Attester[] = [attestPrompt, attestReceipts, attestApproval];

/** A call with the origins of its arguments. */
export interface CallWithOrigins extends Pick<Evidence, 'approval'> {
  readonly call: CheckedCall;
  readonly provenance: Provenance;
}

// Of one decision, for its record.
const USED_MAX = 16;
const IGNORED_MAX = 16;

/** Returns the call with the origins of its arguments, and what attested them. Never refuses. */
export async function withOrigins(attested: AttestedCall): Promise<CallWithOrigins> {
  const { call } = attested;
  const all = await Promise.all(ATTESTERS.map((attest) => attest(attested)));
  const values = all.flatMap(({ values: some = [] }) => some);
  const everywhere = all.flatMap(({ everywhere: some = [] }) => some);
  const origins = argumentOrigins(call.nodes, values, everywhere);
  const used = origins.flatMap(({ pointer, sources }) =>
    sources.filter((one) => !/^[=#]/.test(one)).map((origin) => ({ pointer, origin })),
  );
  const ignored = all.flatMap(({ ignored: some = [] }) => some);
  const labels = all.flatMap(({ labels: some = [] }) => some);
  const approval = all.find((one) => one.approval)?.approval;
  return {
    call: { ...call, origins },
    provenance: {
      used: used.slice(0, USED_MAX),
      ignored: ignored.slice(0, IGNORED_MAX),
      ...(labels.length > 0 && { labels }),
    },
    ...(approval && { approval }),
  };
}

/**
 * Returns a denial of a check, with whether the approval of a person is all that the call lacks.
 * `judge` returns why a call is denied.
 */
export function withApprovable(
  denial: Denial,
  call: CheckedCall,
  judge: (call: CheckedCall) => Denial | undefined,
  where: Pick<ApprovalContext, 'tier'> & Partial<Pick<ApprovalContext, 'spendsApprovals'>>,
): Denial {
  // Where nothing counts calls, an approval allows no call of tier 3.
  if (where.tier === 3 && !where.spendsApprovals) return denial;
  if (denial.code !== 'constraint_failed' && denial.code !== 'caveat_failed') return denial;
  const origins = argumentOrigins(call.nodes, [], ['approved']);
  return judge({ ...call, origins }) ? denial : { ...denial, approvable: true };
}
