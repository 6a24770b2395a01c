import * as v from 'valibot';
import type { AdminRoutes } from '../route.ts';
import { count, jsonObject, reason, unixMilliseconds } from '../values.ts';

const rule = {
  schema: v.pipe(
    v.string(),
    v.regex(/^[\w.-]{1,64}@\d{1,9}$/),
    v.description('the id and version of a rule, as `tripped` lists it'),
  ),
  problem: 'rule_not_tripped',
} as const;

export const RULE_ROUTES = {
  showRules: {
    method: 'GET',
    path: '/rules',
    needs: 'read',
    summary: 'Lists the deviation rules in force, and those that the breaker holds back.',
    params: {},
    answer: v.object({
      rules: v.array(
        v.object({
          id: v.string(),
          version: count,
          condition: jsonObject,
          action: v.string(),
          shadow: v.pipe(v.boolean(), v.description('recorded only: the rule does not act')),
        }),
      ),
      tripped: v.pipe(
        v.array(v.object({ rule: v.string(), at: unixMilliseconds })),
        v.description('rules held back, since when in Unix milliseconds'),
      ),
    }),
    problems: [],
  },
  armRule: {
    method: 'POST',
    path: '/rules/:rule/arm',
    needs: 'arm-rule',
    summary: 'Lets a rule that the breaker holds back act again.',
    params: { rule },
    body: v.strictObject({ reason }),
    answer: v.object({ rule: v.string() }),
    problems: ['rule_not_tripped'],
  },
} as const satisfies AdminRoutes;
