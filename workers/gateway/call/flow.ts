import type { FlowGate } from '../../../src/audit/calls/index.ts';
import { attestedTexts, flowOf } from '../../../src/labels/index.ts';
import type { Evidence } from '../../../src/verifier/index.ts';
import type { Handling, Verified } from './verify.ts';

/** Returns what the labels of its workflow mean for a call, by the catalogue that judged it. */
export async function flowOfCall(
  { gateway, credentials }: Handling,
  { judging, call }: Verified,
  evidence: Evidence,
): Promise<FlowGate | undefined> {
  const { catalogue } = judging;
  if (!call || !catalogue) return undefined;
  const reach = async () => {
    const { grants, capability } = await gateway.verifier.open(credentials.token);
    return { grants, ancestors: capability?.authority.ancestors ?? [] };
  };
  const isApproved = evidence.approval !== undefined;
  const attested = attestedTexts(evidence.provenance, call.args ?? {});
  const read = evidence.provenance?.labels ?? [];
  const allowed = { catalogue, call, evidence, reach, isApproved, attested, read };
  return flowOf(allowed, gateway.labels);
}
