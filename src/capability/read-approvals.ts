import type { LoadedBlock } from '../biscuit/index.ts';
import type { ApprovalBlock } from './approved-call.ts';

/**
 * Returns the blocks of a token that approve calls. A block counts only if it consists of nothing
 * but approvals and their end: what it says then is what was signed for one purpose. Whose key it
 * is, and whether it fits a call, is for the verifier to decide.
 */
export async function readApprovals(
  blocks: readonly LoadedBlock[],
): Promise<readonly ApprovalBlock[]> {
  if (!blocks.some(({ externalKey }) => externalKey)) return [];
  // From the bundle and so without I/O: few tokens have such a block.
  const { approvalsIn } = await import('./approved-call.ts');
  return approvalsIn(blocks);
}
