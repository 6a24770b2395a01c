import * as v from 'valibot';
import type { AuditRecord } from '../../audit/index.ts';
import { isJsonObject } from '../../canonical-json.ts';
import type { AdminRoutes } from '../route.ts';
import { count, timestamp, unixSeconds, WORKFLOW_ID } from '../values.ts';
import { asOf, counts, WORKFLOW_FILTERS, workflowRow } from './activity-values.ts';

const id = {
  schema: v.pipe(v.string(), v.regex(WORKFLOW_ID), v.description('the id of a workflow')),
  problem: 'workflow_unknown',
} as const;

/** Lengths of an interval of the series, in seconds. Each is a number of whole minutes. */
const SERIES_STEPS = ['60', '300', '900', '3600'] as const;

/** What changed, by the part of the product that shows it. */
const TOPICS = ['workflows', 'approvals', 'stops', 'policy', 'rules', 'people', 'streams'] as const;

const outcome = v.object({
  status: v.number(),
  result: v.string(),
  cause: v.optional(v.string()),
  milliseconds: v.number(),
  bytes: v.number(),
});

const timelineRecord = v.object({
  log: v.string(),
  index: count,
  record: v.custom<AuditRecord>((value) => isJsonObject(value)),
  effect: v.pipe(
    v.optional(outcome),
    v.description('what became of an allowed call; absent if it is not known yet'),
  ),
  erased: v.optional(v.array(v.string())),
});

const scope = v.object({
  tool: v.string(),
  action: v.string(),
  dataset: v.string(),
  limits: v.pipe(
    v.optional(v.string()),
    v.description('limits of the arguments in words; absent if there are none'),
  ),
});

const delegated = v.object({
  id: v.pipe(v.string(), v.description('stable within the workflow')),
  up: v.pipe(v.optional(v.string()), v.description('the one that it came from')),
  kind: v.pipe(
    v.picklist(['capability', 'child', 'handed_on', 'narrowed']),
    v.description(
      '`capability`: minted; `child`: minted for a workflow below; `handed_on`: narrowed and handed to another key; `narrowed`: for single calls of one tool',
    ),
  ),
  workflow: v.string(),
  agent: v.optional(v.string()),
  holder: v.pipe(v.optional(v.string()), v.description('thumbprint of the key that may use it')),
  count: v.pipe(count, v.description('how many tokens it stands for')),
  words: v.string(),
  scope: v.array(scope),
  calls: count,
  denied: count,
  expires: v.optional(unixSeconds),
  last_at: v.optional(timestamp),
});

const fault = v.object({
  id: v.string(),
  what: v.pipe(v.string(), v.description('the member that differs, or `missing` or `unknown`')),
  index: v.optional(v.union([v.string(), v.number()])),
  logs: v.optional(v.union([v.string(), v.number()])),
});

export const ACTIVITY_ROUTES = {
  listChanges: {
    method: 'GET',
    path: '/changes',
    needs: 'read',
    summary: 'Returns what changed since an answer of before, for a page that updates itself.',
    description:
      'Without `after`, returns only `next` and the counts. Answers 204 without a body if nothing changed. With filters, `workflows` has those that match, and `others` the ids of changed ones that do not. After a rebuild of the index, or if more than 50 workflows changed, `reload` is true: load the list again.',
    params: {},
    query: v.object({
      ...WORKFLOW_FILTERS,
      workflow: v.optional(
        v.pipe(
          v.string(),
          v.regex(WORKFLOW_ID),
          v.description('only changes of this workflow and those below it'),
        ),
      ),
      after: v.optional(
        v.pipe(
          v.string(),
          v.regex(/^\d{1,15}\.\d{1,15}$/),
          v.description('`next` of the answer before'),
        ),
      ),
    }),
    answer: v.optional(
      v.object({
        workflows: v.array(workflowRow),
        others: v.array(v.string()),
        topics: v.pipe(
          v.array(v.picklist(TOPICS)),
          v.description('the parts of which something new is recorded'),
        ),
        reload: v.boolean(),
        counts,
        approvals: v.pipe(count, v.description('questions that wait for a person')),
        next: v.string(),
        as_of: asOf,
      }),
    ),
    problems: [],
  },
  showSeries: {
    method: 'GET',
    path: '/series',
    needs: 'read',
    summary: 'Returns calls, denied calls and mints over time, up to 48 hours back.',
    description: 'Every interval has a point, from `since` to now. The last one is not over.',
    params: {},
    query: v.object({
      step: v.optional(
        v.pipe(
          v.picklist(SERIES_STEPS),
          v.transform(Number),
          v.description('seconds of an interval: 60, 300, 900 or 3600'),
        ),
        '60',
      ),
      since: v.optional(
        v.pipe(
          v.string(),
          v.isoTimestamp(),
          v.transform((text) => Math.floor(Date.parse(text) / 1000)),
          v.description('the first time, in RFC 3339; by default 60 intervals ago'),
        ),
      ),
    }),
    answer: v.object({
      points: v.pipe(
        v.array(v.tuple([count, count, count, count])),
        v.description('Unix seconds of the begin, calls (denied ones included), denied, mints'),
      ),
      as_of: asOf,
    }),
    problems: [],
  },
  listWorkflowRecords: {
    method: 'GET',
    path: '/workflows/:id/records',
    needs: 'read',
    readsOwner: 'owner of the workflow',
    summary: 'Lists the records of a workflow and those below it, each decision with its effect.',
    description:
      'In the order of their times, a page of 100. Pass `next` as `cursor` until `end` is true; after that, the same call finds what was recorded since. The effect of a decision of an earlier page is in `effects`.',
    params: { id },
    query: v.object({
      cursor: v.optional(
        v.pipe(
          v.string(),
          v.maxLength(2_000),
          v.regex(/^[a-z0-9:,-]*$/),
          v.description('`next` of the page before'),
        ),
      ),
    }),
    answer: v.object({
      records: v.array(timelineRecord),
      effects: v.pipe(
        v.array(v.object({ decision: v.string(), effect: outcome })),
        v.description('effects that came after their decision was answered'),
      ),
      next: v.string(),
      end: v.boolean(),
      as_of: asOf,
    }),
    problems: ['workflow_unknown'],
  },
  listTokens: {
    method: 'GET',
    path: '/workflows/:id/tokens',
    needs: 'read',
    readsOwner: 'owner of the workflow',
    summary: 'Returns the delegation tree of a workflow, with the effective scope of each token.',
    description:
      'Minted capabilities and those that were handed on have a node each. Tokens that were narrowed for one call have one node for each tool, which counts them. A narrowing is known from its calls: its scope is what they asked for.',
    params: { id },
    answer: v.object({
      tokens: v.array(delegated),
      complete: v.pipe(
        v.boolean(),
        v.description('false if the workflow has more records than were read'),
      ),
      as_of: asOf,
    }),
    problems: ['workflow_unknown'],
  },
  compareActivity: {
    method: 'GET',
    path: '/activity/compare',
    needs: 'read-trail',
    summary: 'Compares the index with the logs, 10 workflows at a time.',
    description:
      'Reads the records of each workflow from the logs again. Pass `next` as `after` until it is absent.',
    params: {},
    query: v.object({
      after: v.optional(
        v.pipe(
          v.string(),
          v.regex(/^[\w.:-]{1,80}$/),
          v.description('`next` of the answer before'),
        ),
      ),
    }),
    answer: v.object({
      checked: count,
      differing: v.array(fault),
      next: v.optional(v.string()),
      as_of: asOf,
    }),
    problems: [],
  },
  rebuildActivity: {
    method: 'POST',
    path: '/activity/rebuild',
    needs: 'maintain',
    summary: 'Builds the index of workflows again from the logs.',
    description: 'The answers of lists are incomplete until the index has read the logs.',
    params: {},
    answer: v.object({ as_of: asOf }),
    problems: [],
  },
} as const satisfies AdminRoutes;
