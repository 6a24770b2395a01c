import * as v from 'valibot';
import type { AdminRoutes } from '../route.ts';
import { asOf, count, timestamp } from '../values.ts';

/** The longest id of a record: a verifier's name and its count. */
const RECORD_ID_CHARACTERS_MAX = 128;

/** A place in the policy or in the catalogue of a version. */
const place = v.object({
  version: v.pipe(v.optional(v.string()), v.description('the version that decided')),
  file: v.optional(v.string()),
  line: v.optional(count),
  text: v.pipe(v.string(), v.description('the rule or the entry as it is written')),
  words: v.string(),
});

const diffLine = v.object({
  sign: v.picklist([' ', '+', '-']),
  text: v.string(),
});

/** Why a call was denied: for the issuer's route and for `hewn token why`. */
const explanation = v.object({
  code: v.string(),
  summary: v.pipe(v.string(), v.description('one sentence: what was wrong')),
  checks: v.pipe(
    v.array(
      v.object({
        step: v.string(),
        passed: v.boolean(),
        words: v.string(),
      }),
    ),
    v.description('what was checked, in order; the last one failed'),
  ),
  rule: v.pipe(
    v.optional(place),
    v.description('whose rule it was; absent if it is not the rule of a policy or a catalogue'),
  ),
  allowed_instead: v.pipe(v.string(), v.description('what would have been allowed')),
  change: v.pipe(
    v.optional(
      v.object({
        file: v.string(),
        line: v.optional(count),
        diff: v.array(diffLine),
        allows: v.pipe(v.boolean(), v.description('the engine was asked: the change allows it')),
        blank: v.pipe(
          v.optional(
            v.object({
              text: v.pipe(v.string(), v.description('what the value replaces in the diff')),
              form: v.picklist(['text', 'number', 'scalar', 'origin']),
              pointer: v.pipe(v.string(), v.description('the argument that the value is of')),
            }),
          ),
          v.description('the value that a person fills in: records have only its digest'),
        ),
      }),
    ),
    v.description('the change that would allow it; absent where none should exist'),
  ),
  warning: v.pipe(v.optional(v.string()), v.description('the price of the change, in words')),
});

export const EXPLANATION_ROUTES = {
  explainDecision: {
    method: 'GET',
    path: '/decisions/:id/why',
    needs: 'read',
    summary: 'Explains a denied call: what was checked, whose rule, and what would be allowed.',
    description:
      'Computed from the record and from the version that decided, by the code that decides. `:id` is the id of the decision record.',
    params: {
      id: {
        schema: v.pipe(
          v.string(),
          v.minLength(1),
          v.maxLength(RECORD_ID_CHARACTERS_MAX),
          v.description('the id of a decision record'),
        ),
        problem: 'record_unknown',
      },
    },
    answer: v.object({
      as_of: asOf,
      id: v.string(),
      at: timestamp,
      workflow: v.optional(v.string()),
      tool: v.optional(v.string()),
      allowed: v.boolean(),
      ...v.partial(explanation).entries,
    }),
    problems: ['record_unknown'],
  },
} as const satisfies AdminRoutes;
