import type { MintRecord } from '../../../src/audit/index.ts';
import type { IssuerConfig } from '../platform/config.ts';
import type { WorkflowStart } from '../workflow/binding.ts';
import type { MintPlan } from './plan.ts';
import { signerOf } from './signer.ts';

/** A capability that is signed but not handed out yet. */
export interface Mint {
  readonly token: string;
  readonly plan: MintPlan;
  /** What must be in the audit log before the token is handed out. */
  readonly record: MintRecord;
  /** What the workflow begins or continues with. */
  readonly start: WorkflowStart;
}

/** Signs a planned capability with the active root key. */
export async function sign(plan: MintPlan, config: IssuerConfig): Promise<Mint> {
  const { token, revocationId } = await signerOf(config).sign(plan.authority);
  const blocks = [revocationId];
  const id = mintId(plan.start.id, revocationId);
  return {
    token,
    plan,
    record: { ...plan.record, id, blocks },
    start: { ...plan.start, blocks },
  };
}

/** One record for each capability: a workflow has many, and the block's id tells them apart. */
const mintId = (workflow: string, revocationId: string): string =>
  `mint.${workflow}.${revocationId.slice(0, 32)}`;
