import * as v from 'valibot';
import type { AdminRoutes } from '../route.ts';
import { dryRun, entryPosition, reason } from '../values.ts';
import { asOf, state, WORKFLOW_FILTERS, workflowRow } from './activity-values.ts';

const selector = v.pipe(
  v.strictObject(WORKFLOW_FILTERS),
  v.check((filters) => Object.keys(filters).length > 0, 'no filter'),
  v.description('at least one filter, with the names and values of the list'),
);

/** An order for everything that a list matches. */
const order = {
  params: {},
  body: v.strictObject({
    reason,
    selector,
    dry_run: dryRun,
    after: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^recent:\d{1,15}:[\w.-]{1,64}$/),
        v.description('`next` of the answer before, to continue'),
      ),
    ),
  }),
  answer: v.object({
    matched: v.pipe(
      v.array(workflowRow),
      v.description('the workflows of this part that the selector matches, as they were'),
    ),
    done: v.pipe(
      v.array(v.object({ id: v.string(), state, ...v.partial(v.object(entryPosition)).entries })),
      v.description('those that the order reached, with their entry of the feed'),
    ),
    skipped: v.pipe(
      v.array(v.object({ id: v.string(), code: v.string(), words: v.string() })),
      v.description('those that it left alone, and why'),
    ),
    next: v.pipe(
      v.optional(v.string()),
      v.description('where the next part begins; absent at the end'),
    ),
    as_of: asOf,
  }),
  problems: [],
} as const;

const BOUNDED =
  'One request reaches up to 25 workflows. Send it again with `next` as `after` until there is none: what was reached is not reached again. With `dry_run`, nothing changes, and `skipped` has those that are not yours or are in a state that does not allow it.';

export const SELECTOR_ROUTES = {
  suspendMany: {
    method: 'POST',
    path: '/workflows/suspend',
    needs: 'suspend',
    scoped: true,
    summary: 'Suspends every workflow that a selector matches.',
    description: BOUNDED,
    ...order,
  },
  resumeMany: {
    method: 'POST',
    path: '/workflows/resume',
    needs: 'resume',
    scoped: true,
    summary: 'Resumes every suspended workflow that a selector matches.',
    description: BOUNDED,
    ...order,
  },
  revokeMany: {
    method: 'POST',
    path: '/workflows/revoke',
    needs: 'revoke',
    scoped: true,
    summary: 'Revokes every workflow that a selector matches, permanently.',
    description: BOUNDED,
    ...order,
  },
} as const satisfies AdminRoutes;
