import { argumentNodes } from '../../../src/capability/index.ts';
import type { DescribedCall } from '../../../src/catalogue/index.ts';
import type { Attached } from '../../../src/provenance/index.ts';
import type { VerifyRequest } from '../../../src/verifier/index.ts';
import type { Judging } from '../catalogues.ts';
import type { Gateway } from '../gateway.ts';

/**
 * Returns what attests the values of a call, for a token that asks where they come from. Other
 * tokens cost nothing.
 */
export async function attachedTo(
  { verifier, receipts }: Pick<Gateway, 'verifier' | 'receipts'>,
  { token, sent }: { readonly token: string; readonly sent: Attached | undefined },
  { tool, args = {}, content }: DescribedCall,
  { catalogue }: Judging,
): Promise<Pick<VerifyRequest, 'attached' | 'catalogue'>> {
  const { capability } = await verifier.open(token);
  if (!capability?.readsFact('arg_origins')) return {};
  const nodes = argumentNodes(args, content);
  if (!nodes.ok) return {};
  const attached = await receipts.attachedTo({
    workflow: capability.authority.workflow,
    nodes: nodes.value,
    tool: catalogue?.get(tool),
    sent,
  });
  return { attached, ...(catalogue && { catalogue }) };
}
