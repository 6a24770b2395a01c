import { toSeconds } from '../../clock.ts';
import { receiptKeysOf } from '../../feed/index.ts';
import { checkReceipts } from '../../receipts/index.ts';
import type { Attestation, AttestedCall } from './attester.ts';

/** Attests the arguments that a gateway has read for this workflow, from fields with a mark. */
export async function attestReceipts(attested: AttestedCall): Promise<Attestation> {
  const { token, request, context } = attested;
  const { head } = context.feed;
  const leaves = request.attached?.leaves;
  if (!Array.isArray(leaves) || leaves.length === 0) return {};
  const { values, ignored, labels } = await checkReceipts(leaves, {
    keys: head ? receiptKeysOf(head) : [],
    workflow: token.authority.workflow,
    catalogue: request.catalogue,
    now: toSeconds(context.now()),
  });
  return { values, ignored, labels };
}
