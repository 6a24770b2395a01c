import { hashesAsText } from '../../../src/audit/proof/index.ts';
import { ADMIN_API, ENTRIES_PER_PAGE_MAX, logOfPath } from '../../../src/issuer-api/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { proofsOf } from './page-proofs.ts';
import { type NoProof, openedEntries, rangeProofOf, receiptOf } from './proofs.ts';
import { readState } from './read.ts';

export const proofRoutes = bindAdmin(ADMIN_API.proofs, {
  showReceipt: async ({ params }, { env }) => {
    const receipt = await receiptOf(env, logOfPath(params), Number(params.index));
    return receipt.ok ? ok({ receipt: receipt.value }) : refuse(problemOf(receipt.error));
  },

  showProof: async ({ params, query: { from, to } }, { env }) => {
    const log = logOfPath(params);
    const proof = await rangeProofOf(env, log, { from, ...(to !== undefined && { to }) });
    if (!proof.ok) return refuse(problemOf(proof.error));
    const { checkpoint, before, growth, ...range } = proof.value;
    return ok({
      log,
      checkpoint,
      from: range.from,
      to: range.to,
      before: [...hashesAsText(before)],
      growth: [...hashesAsText(growth)],
    });
  },

  proveRecords: async ({ query: { of } }, { env }) => {
    const { logs, records, unproven } = await proofsOf(env, of);
    return ok({
      logs,
      records: records.map(({ openings, proof, ...one }) => ({
        ...one,
        openings: [...openings],
        proof: [...hashesAsText(proof)],
      })),
      unproven: unproven.map(({ place, code }) => ({ ...place, why: problemOf({ code }).code })),
    });
  },

  listEntries: async ({ params, query: { from, to } }, { env }) => {
    const log = logOfPath(params);
    const state = await readState(env, log);
    const end = Math.min(to ?? state.committed, state.committed);
    const limit = Math.max(0, Math.min(ENTRIES_PER_PAGE_MAX, end - from));
    const entries = await openedEntries(env, state, from, limit);
    return ok({
      entries: entries.map((one) => ({ log, ...one, openings: [...one.openings] })),
      ...(from + limit < end && { next: from + limit }),
    });
  },
});

const problemOf = ({ code }: NoProof) =>
  ({ code: code === 'unsigned' ? 'log_unsigned' : 'record_unknown' }) as const;
