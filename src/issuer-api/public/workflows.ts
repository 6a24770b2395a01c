import * as v from 'valibot';
import { COMPLETING_SECONDS_MAX } from '../../limits.ts';
import { remark } from '../values.ts';
import type { PublicRoutes } from './route.ts';

const JSON_TYPE = 'application/json';

const problem = (description: string) => ({
  description,
  contentType: JSON_TYPE,
  schema: v.object({ error: v.string(), message: v.string() }),
});

const answers = {
  200: {
    description: 'The state of the workflow',
    contentType: JSON_TYPE,
    schema: v.object({ workflow: v.string(), state: v.string() }),
  },
  400: problem('The body is invalid'),
  401: problem('The capability is no longer valid, not proven, or belongs to another workflow'),
  403: problem('The capability was narrowed'),
  409: problem('The workflow is not active'),
  503: problem('Ordered, and in force when the log answers'),
} as const;

export const COMPLETION = v.strictObject({
  grace_seconds: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.maxValue(COMPLETING_SECONDS_MAX),
      v.description(`seconds that calls in flight may still take, up to ${COMPLETING_SECONDS_MAX}`),
    ),
    0,
  ),
});

export const FAILURE = v.strictObject({ reason: v.optional(remark) });

export const WORKFLOW_ENDINGS = {
  complete: {
    method: 'POST',
    path: '/workflows/v1/:id/complete',
    summary: 'Completes a workflow. This is final.',
    caller: 'capability',
    request: { contentType: JSON_TYPE, schema: COMPLETION },
    answers,
  },
  fail: {
    method: 'POST',
    path: '/workflows/v1/:id/fail',
    summary: 'Ends a workflow as failed. This is final.',
    caller: 'capability',
    request: { contentType: JSON_TYPE, schema: FAILURE },
    answers,
  },
} as const satisfies PublicRoutes;
