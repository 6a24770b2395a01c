import { formatCursor, readCursor } from '../../audit/find/index.ts';
import type { LogName } from '../../audit/index.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { type Answer, type CommandContext, YES } from '../command.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';

/**
 * Writes a provable export of whole logs: of each, a line with the proof, and then its entries.
 * All of one log is proven by one checkpoint, so nothing can be left out between two pages.
 */
export async function exportProofs(
  context: CommandContext,
  flags: IssuerFlags,
  { log: only, after }: { readonly log?: string | undefined; readonly after?: string | undefined },
): Promise<Answer> {
  const begin = after === undefined ? new Map<LogName, number>() : readCursor(after);
  if (!begin) return refuse(`--after must be where an export ended (got ${after})`);
  const listed = await callIssuer(context, flags, ADMIN_API.audit.listLogs, {});
  if (!listed.ok) return listed;
  const logs = listed.value.logs.filter(
    ({ log, size }) => size > 0 && (only === undefined || only === log),
  );
  const end = new Map(begin);
  for (const { log } of logs) {
    const from = begin.get(log as LogName) ?? 0;
    const { showProof } = ADMIN_API.proofs;
    const query = { from: String(from) };
    const proof = await callIssuer(context, flags, showProof, { params: { log }, query });
    if (!proof.ok) return proof;
    context.out(JSON.stringify(proof.value));
    const written = await writeEntries(context, flags, proof.value);
    if (!written.ok) return written;
    end.set(log as LogName, proof.value.to);
  }
  if (context.outClosed?.aborted !== true) context.err(`--after ${formatCursor(end)}`);
  return YES;
}

async function writeEntries(
  context: CommandContext,
  flags: IssuerFlags,
  { log, from, to }: { readonly log: string; readonly from: number; readonly to: number },
): Promise<Answer> {
  const { listEntries } = ADMIN_API.proofs;
  const place: { next: number | undefined } = { next: from };
  while (place.next !== undefined && place.next < to && context.outClosed?.aborted !== true) {
    context.progress?.(`${log}: entry ${place.next} of ${to}`);
    const query = { from: String(place.next), to: String(to) };
    const page = await callIssuer(context, flags, listEntries, { params: { log }, query });
    if (!page.ok) return page;
    for (const entry of page.value.entries) context.out(JSON.stringify(entry));
    place.next = page.value.next;
  }
  return YES;
}
