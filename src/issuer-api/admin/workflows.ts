import * as v from 'valibot';
import { HISTORY_SCOPES } from '../../history/index.ts';
import { effect, written } from '../effect.ts';
import type { AdminRoutes } from '../route.ts';
import {
  count,
  entryPosition,
  evenUnknown,
  jsonObject,
  REVOCATION_ID,
  reason,
  unixMilliseconds,
  unixSeconds,
  WORKFLOW_ID,
  waitSeconds,
} from '../values.ts';
import { asOf, counts, state, WORKFLOW_FILTERS, workflowRow } from './activity-values.ts';

const id = {
  schema: v.pipe(v.string(), v.regex(WORKFLOW_ID), v.description('the id of a workflow')),
  problem: 'workflow_unknown',
} as const;

const block = {
  schema: v.pipe(
    v.string(),
    v.regex(REVOCATION_ID),
    v.description('a revocation id: 128 lower-case hex digits'),
  ),
  problem: 'invalid_request',
} as const;

const grant = v.object({
  tool: v.string(),
  action: v.string(),
  dataset: v.string(),
  constraints: v.optional(jsonObject),
});
/** Absent if the index of the logs did not answer in time, or has more uses than it lists. */
const grantUse = {
  used: v.pipe(
    v.optional(count),
    v.description(
      'allowed calls by it, of all workflows of the agent; a call on several datasets counts for each',
    ),
  ),
  last_use: v.pipe(
    v.optional(unixMilliseconds),
    v.description('when the agent last called by it, in Unix milliseconds'),
  ),
};
const budgets = v.optional(jsonObject);

const historyRule = v.object({
  rule: v.pipe(v.string(), v.description('its `id` in the catalogue')),
  kind: v.string(),
  words: v.pipe(v.string(), v.description('the rule in one sentence')),
  reason: v.pipe(v.string(), v.description('why it exists, as the catalogue says')),
  scope: v.picklist(HISTORY_SCOPES),
  of: v.pipe(v.string(), v.description('whose calls count: a root workflow, or a name')),
  used: v.pipe(
    v.optional(v.number()),
    v.description(
      'calls, different values, or the sum; for an order, the earlier calls that count. Absent if the object that counts did not answer in time',
    ),
  ),
  reserved: v.pipe(
    v.optional(v.number()),
    v.description('the part of `used` that may still be given back, or waits for its end'),
  ),
  most: v.pipe(v.optional(v.number()), v.description('the bound of `used`')),
  within: v.pipe(v.optional(count), v.description('seconds for which a call counts')),
});

const workflow = v.object({
  id: v.string(),
  parent: v.optional(v.string()),
  agent: v.string(),
  subject: v.string(),
  owner: v.string(),
  task: v.string(),
  prompt: v.pipe(
    v.optional(v.string()),
    v.description('the request of the user, as the agent stated it at the begin; until the end'),
  ),
  gen: v.pipe(count, v.description('generation: tokens of an earlier one are denied')),
  audience: v.string(),
  holder: v.pipe(
    v.optional(v.string()),
    v.description('thumbprint of the key that all capabilities are bound to'),
  ),
  grants: v.array(v.object({ ...grant.entries, ...grantUse })),
  startedAt: unixSeconds,
  expires: v.pipe(unixSeconds, v.description('end of its last capability')),
  ends: v.pipe(unixSeconds, v.description('end of the workflow')),
  renewWithin: v.pipe(
    v.optional(count),
    v.description('seconds without a mint after which it expires'),
  ),
  renewals: v.pipe(
    v.optional(count),
    v.description('capabilities that repeat an earlier one, and have no mint record'),
  ),
  renewedAt: v.pipe(v.optional(unixSeconds), v.description('when the last of them was minted')),
  blocks: v.pipe(
    v.array(v.string()),
    v.description(
      'revocation ids of the authority blocks minted for it; of renewals, only those that may be valid',
    ),
  ),
  tier: v.optional(count),
  budgets,
  asked: v.pipe(budgets, v.description('budgets that a child asked its parent for')),
  state: v.pipe(state, v.description('as the feed, and so every verifier, has it')),
  ordered: v.pipe(v.optional(state), v.description('decided, and not in force yet')),
  standing: v.pipe(
    v.optional(v.picklist(['ordered', 'in_feed', 'confirmed', 'ended'])),
    v.description('how far a stop has got'),
  ),
  steppedUp: v.optional(v.literal(true)),
  ancestors: v.pipe(v.array(v.string()), v.description('root first')),
  children: v.array(v.string()),
  meters: v.array(
    v.object({
      key: v.string(),
      limit: v.number(),
      used: v.number(),
      share: v.number(),
      carved: v.number(),
      leased: v.number(),
    }),
  ),
  history: v.pipe(
    v.optional(v.array(historyRule)),
    v.description(
      'the rules over history in force that bound a tool it was granted; absent if there is none, or no version loads',
    ),
  ),
  labels: v.pipe(
    v.optional(
      v.array(
        v.object({
          label: v.string(),
          at: v.pipe(unixSeconds, v.description('the first read that carried it')),
          workflow: v.pipe(v.string(), v.description('which workflow of the tree read it')),
          tool: v.string(),
        }),
      ),
    ),
    v.description('what the root and the workflows below it have read; absent if nothing'),
  ),
  revocation: v.optional(v.object({ actor: v.string(), reason: v.string(), seq: count })),
  endedAt: v.pipe(
    v.optional(unixMilliseconds),
    v.description('when it ended, in Unix milliseconds'),
  ),
  entry: v.pipe(
    v.optional(v.object(entryPosition)),
    v.description('the newest entry that stops it or a workflow above it'),
  ),
  as_of: v.optional(asOf),
});

const revoked = {
  workflow: v.optional(v.string()),
  ...entryPosition,
  ...written,
  ...effect,
};
const moved = {
  workflow: v.string(),
  state,
  gen: count,
  recorded: written.recorded,
};
const revocation = v.strictObject({ reason, even_unknown: evenUnknown });

export const WORKFLOW_ROUTES = {
  listWorkflows: {
    method: 'GET',
    path: '/workflows',
    needs: 'read',
    readsOwner: 'owner of the query',
    summary: 'Lists root workflows, the newest first, a page of 50 at a time.',
    description:
      'Each parameter narrows the list, and all must hold. The index has the workflows that live or ended within two days; older ones follow from the logs, with fewer members and only by agent, subject, owner, state and time. Pass `next` as `after` until it is absent. A page may be empty before that.',
    params: {},
    query: v.object({
      ...WORKFLOW_FILTERS,
      after: v.optional(
        v.pipe(
          v.string(),
          v.regex(/^(?:recent:\d{1,15}:[\w.-]{1,64}|closed:[a-z0-9:,-]{0,2000})$/),
          v.description('`next` of the page before'),
        ),
      ),
    }),
    answer: v.object({
      workflows: v.array(workflowRow),
      next: v.optional(v.string()),
      counts: v.optional(counts),
      as_of: v.optional(asOf),
    }),
    problems: [],
  },
  showWorkflow: {
    method: 'GET',
    path: '/workflows/:id',
    needs: 'read',
    readsOwner: 'owner of the workflow',
    summary: 'Shows a workflow: who it is for, what it was granted, and its state.',
    params: { id },
    answer: workflow,
    problems: ['workflow_unknown'],
  },
  revokeWorkflow: {
    method: 'POST',
    path: '/workflows/:id/revoke',
    needs: 'revoke',
    scoped: true,
    summary: 'Revokes a workflow permanently: all of its tokens are denied.',
    description:
      'Revoking again answers with the first entry, and the second reason is not recorded.',
    params: { id },
    query: v.object({ wait: waitSeconds }),
    body: revocation,
    answer: v.object(revoked),
    problems: ['workflow_unknown', 'feed_unavailable', 'audit_unavailable'],
  },
  suspendWorkflow: {
    method: 'POST',
    path: '/workflows/:id/suspend',
    needs: 'suspend',
    scoped: true,
    summary: 'Suspends a workflow and everything below it until it is resumed or revoked.',
    description:
      'Its tokens are denied and none is minted. The members of the effect are absent if nothing had to be written.',
    params: { id },
    query: v.object({ wait: waitSeconds }),
    body: v.strictObject({ reason }),
    answer: v.object({ ...moved, ...v.partial(v.object({ ...entryPosition, ...effect })).entries }),
    problems: ['workflow_unknown', 'move_refused', 'feed_unavailable', 'audit_unavailable'],
  },
  resumeWorkflow: {
    method: 'POST',
    path: '/workflows/:id/resume',
    needs: 'resume',
    scoped: true,
    summary: 'Resumes a workflow and those below it that were suspended with it.',
    description:
      'Tokens from before stay invalid, and the agent asks for new ones. `wait` is accepted and has no effect.',
    params: { id },
    query: v.object({ wait: waitSeconds }),
    body: v.strictObject({ reason }),
    answer: v.object({ ...moved, ...v.partial(v.object(entryPosition)).entries }),
    problems: ['workflow_unknown', 'move_refused', 'feed_unavailable', 'audit_unavailable'],
  },
  revokeBlock: {
    method: 'POST',
    path: '/workflows/:id/blocks/:block/revoke',
    needs: 'revoke',
    scoped: true,
    summary: 'Revokes one block: every token that has it in its chain is denied.',
    description: 'The workflow continues. The decision records list the blocks of a token.',
    params: { block, id },
    query: v.object({ wait: waitSeconds }),
    body: revocation,
    answer: v.object({ ...revoked, block: v.optional(v.string()) }),
    problems: ['workflow_unknown', 'feed_unavailable', 'audit_unavailable'],
  },
} as const satisfies AdminRoutes;
