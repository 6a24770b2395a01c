import * as v from 'valibot';
import type { AdminRoutes } from '../route.ts';
import { DIGEST, jsonObject, reason, unixSeconds } from '../values.ts';

const id = {
  schema: v.pipe(
    v.string(),
    v.regex(/^prp_[A-Za-z0-9_-]{22}$/),
    v.description('the id of a proposal'),
  ),
  problem: 'proposal_unknown',
} as const;

/** An order that waits for a second person. */
export const proposal = v.object({
  id: v.string(),
  permission: v.pipe(v.string(), v.description('what both people need')),
  act: v.pipe(v.string(), v.description('method and path of the order, as the route has it')),
  order: v.pipe(jsonObject, v.description('`params`, `query` and `body` of the order')),
  by: v.pipe(v.string(), v.description('who proposed it')),
  digest: v.pipe(v.string(), v.description('SHA-256 of act, order and `by`')),
  at: unixSeconds,
  expires: unixSeconds,
  may_confirm: v.pipe(v.boolean(), v.description('whether the caller may confirm it')),
});

export type Proposal = v.InferOutput<typeof proposal>;

export const PROPOSAL_ROUTES = {
  listProposals: {
    method: 'GET',
    path: '/proposals',
    summary: 'Lists the orders that wait for a second person, the oldest first.',
    needs: 'read',
    params: {},
    answer: v.object({ proposals: v.array(proposal) }),
    problems: [],
  },
  confirmProposal: {
    method: 'POST',
    path: '/proposals/:id',
    summary: 'Confirms an order of another person, and carries it out.',
    description:
      'Both people need the permission, and for what the order is about. The confirmation is recorded first. If the order is refused afterwards, the answer is that refusal, and the proposal is used.',
    needs: 'none',
    params: { id },
    body: v.strictObject({
      digest: v.pipe(
        v.string(),
        v.regex(DIGEST),
        v.description('the `digest` of the proposal that the person saw'),
      ),
      reason,
    }),
    answer: v.object({
      proposal: v.string(),
      answer: v.pipe(v.nullable(jsonObject), v.description('the answer of the route')),
    }),
    problems: [
      ...(['proposal_unknown', 'digest_differs', 'same_person', 'not_for_your_role'] as const),
      'audit_unavailable',
    ],
  },
  withdrawProposal: {
    method: 'DELETE',
    path: '/proposals/:id',
    summary: 'Withdraws an order that waits. Its author may, and anyone with the permission.',
    needs: 'none',
    params: { id },
    status: 204,
    problems: ['proposal_unknown', 'not_for_your_role'],
  },
} as const satisfies AdminRoutes;
