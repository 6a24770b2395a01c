import { createHash } from 'node:crypto';
import { canonicalJson } from '../../canonical-json.ts';
import { ADMIN_API, type Proposal } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';

/** Reads the id of one order that waits. */
export function readProposalId(operands: readonly string[]): Result<string, string> {
  const [id, ...more] = operands;
  return id !== undefined && more.length === 0 && /^prp_[A-Za-z0-9_-]{22}$/.test(id)
    ? ok(id)
    : refuse('name one order by its ID: hewn proposals list shows those that wait');
}

/**
 * Returns an order that waits. Its digest is computed here, from what the command shows: neither
 * the issuer nor anyone between can show one order and have another one confirmed.
 */
export async function findProposal(
  context: CommandContext,
  flags: IssuerFlags,
  id: string,
): Promise<Result<Proposal, string>> {
  const listed = await callIssuer(context, flags, ADMIN_API.proposals.listProposals, {});
  if (!listed.ok) return listed;
  const found = listed.value.proposals.find((each) => each.id === id);
  if (found === undefined) {
    return refuse(
      `no order ${id} waits: it was confirmed or withdrawn, or it ended. See hewn proposals list`,
    );
  }
  const { act, order, by, digest } = found;
  const shown = createHash('sha256').update(canonicalJson({ act, order, by })).digest('hex');
  return shown === digest
    ? ok(found)
    : refuse('the order that the issuer sent does not match its digest: confirm nothing');
}
