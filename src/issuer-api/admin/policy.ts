import * as v from 'valibot';
import { ACTIONS } from '../../capability/index.ts';
import { isVersionId } from '../../version/index.ts';
import type { AdminRoutes } from '../route.ts';
import { asOf, count, jsonObject, timestamp } from '../values.ts';
import { recordedSpan } from './questions.ts';
import { VERSION_BODY_BYTES_MAX } from './versions.ts';

const hits = {
  hours: v.pipe(
    v.array(count),
    v.description('hits in each of the last 24 hours; the current one is the last'),
  ),
  total: v.pipe(count, v.description('hits in all records that were read')),
  last: v.pipe(v.optional(timestamp), v.description('absent if there was no hit')),
  workflow: v.pipe(v.optional(v.string()), v.description('the workflow of the newest hit, if any')),
};

const placed = v.object({ file: v.string(), line: count, text: v.string() });

const side = v.pipe(
  v.string(),
  v.description('`granted`, `approval` (granted once a person approves), or the code of a refusal'),
);

export const POLICY_ROUTES = {
  showActiveRules: {
    method: 'GET',
    path: '/versions/active/rules',
    needs: 'read',
    summary: 'Lists the statements of the active policy that decide, each with its hits.',
    description:
      'Hits of `allow if` rules are in the mint records. The rule behind a refusal is not: the engine decides the recorded request again.',
    params: {},
    answer: v.object({
      as_of: asOf,
      version: v.pipe(
        v.nullable(v.string()),
        v.description('the id of the version; null if nothing decides'),
      ),
      rules: v.array(
        v.object({
          kind: v.picklist(['allow', 'deny', 'check']),
          rule: placed,
          words: v.pipe(
            v.optional(v.string()),
            v.description('the comment of its author above the statement'),
          ),
          ...hits,
        }),
      ),
      refusals: v.pipe(
        v.array(v.object({ code: v.string(), ...hits })),
        v.description('grants that were refused without such a rule, by code'),
      ),
      over: recordedSpan,
    }),
    problems: [],
  },
  tryDraft: {
    method: 'POST',
    path: '/versions/drafts/try',
    needs: 'load-policy',
    summary: 'Decides recorded mint requests under a draft, and lists what would change.',
    description:
      'Nothing is stored. Requests that differ only in their time are decided once, by the engine of the mint. Records have no claims of identities, so a request that the active version does not decide as it was recorded is counted as `unreproducible` and not compared.',
    params: {},
    body: v.strictObject({
      version: v.optional(
        v.pipe(
          v.string(),
          v.check(isVersionId),
          v.description('the id of a stored version, in place of the texts'),
        ),
      ),
      policy: v.optional(
        v.pipe(
          jsonObject,
          v.description('an object with the text of each policy file, by its name'),
        ),
      ),
      catalogue: v.optional(
        v.pipe(v.string(), v.description('the text of the catalogue; by default the active one')),
      ),
    }),
    bodyBytesMax: VERSION_BODY_BYTES_MAX,
    answer: v.object({
      as_of: asOf,
      active: v.nullable(v.string()),
      draft: v.pipe(v.string(), v.description('the id that the draft would have as a version')),
      diff: v.pipe(
        v.array(
          v.object({
            file: v.string(),
            change: v.picklist(['added', 'removed', 'changed']),
            hunks: v.array(
              v.object({
                oldStart: count,
                oldLines: count,
                newStart: count,
                newLines: count,
                lines: v.array(v.string()),
              }),
            ),
          }),
        ),
        v.description('how the texts differ from those of the active version'),
      ),
      warnings: v.array(v.object({ file: v.string(), line: v.optional(count), found: v.string() })),
      requests: v.pipe(count, v.description('recorded requests that were compared')),
      unchanged: count,
      unreproducible: count,
      changed: v.pipe(
        v.array(
          v.object({
            was: side,
            now: side,
            opens: v.pipe(v.boolean(), v.description('whether the draft gives more than before')),
            words: v.pipe(v.string(), v.description('the change as a sentence')),
            count: v.pipe(count, v.description('recorded requests with this change')),
            grant: v.object({
              tool: v.string(),
              action: v.picklist(ACTIONS),
              dataset: v.string(),
              constraints: v.pipe(
                v.optional(jsonObject),
                v.description('by the pointer of the argument'),
              ),
            }),
            terms: v.pipe(
              v.optional(v.object({ was: v.string(), now: v.string() })),
              v.description('of a grant in both: its constraints, sinks, owner, lifetime, budgets'),
            ),
            rules: v.object({ was: v.optional(placed), now: v.optional(placed) }),
            example: v.object({
              workflow: v.optional(v.string()),
              agent: v.string(),
              subject: v.optional(v.string()),
              task: v.string(),
              audience: v.string(),
              at: timestamp,
            }),
          }),
        ),
        v.description('what opens first, then by count'),
      ),
      over: recordedSpan,
    }),
    problems: ['version_unknown', 'version_invalid'],
  },
} as const satisfies AdminRoutes;
