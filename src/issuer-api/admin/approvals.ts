import * as v from 'valibot';
import type { AdminRoutes } from '../route.ts';
import {
  APPROVAL_ID,
  asOf,
  count,
  DIGEST,
  jsonObject,
  nameOf,
  position,
  reason,
  timestamp,
  unixSeconds,
} from '../values.ts';
import { PASSKEY_ANSWER } from './passkeys.ts';

/** Longer than any e-mail address or SPIFFE ID in use. */
const APPROVER_LENGTH_MAX = 256;

const id = {
  schema: v.pipe(v.string(), v.regex(APPROVAL_ID), v.description('the id of an approval request')),
  problem: 'approval_unknown',
} as const;

/** One line of a question. Later kinds of questions have other lines and no other form. */
const questionLine = v.object({
  tag: v.pipe(
    v.picklist(['new', 'same', 'gone']),
    v.description('compared with what the workflow has, or with the last question of the agent'),
  ),
  name: v.pipe(v.string(), v.description('what the line is about, such as `Agent` or `May`')),
  value: v.pipe(v.string(), v.description('its value, with hidden characters as their numbers')),
  source: v.pipe(v.optional(v.string()), v.description('where the value came from, in words')),
  label: v.pipe(v.optional(v.string()), v.description('a label of the value, such as `untrusted`')),
});

const approval = v.object({
  seq: v.pipe(count, v.description('its position in the list')),
  id: v.pipe(v.string(), v.regex(APPROVAL_ID)),
  digest: v.pipe(v.string(), v.description('SHA-256 of the question: what an approval refers to')),
  state: v.picklist(['pending', 'approved', 'refused', 'expired', 'used']),
  asked: unixSeconds,
  deadline: v.pipe(unixSeconds, v.description('end of the question, or of the approval')),
  question: v.pipe(jsonObject, v.description('what exactly is asked')),
  words: v.pipe(v.optional(v.array(v.string())), v.description('the question in lines for people')),
  lines: v.pipe(
    v.optional(v.array(questionLine)),
    v.description('the question as typed lines: each says one thing that is asked'),
  ),
  rules: v.pipe(
    v.optional(
      v.array(
        v.object({ rule: v.string(), file: v.optional(v.string()), line: v.optional(count) }),
      ),
    ),
    v.description('the policy rules that allow it'),
  ),
  came_from: v.pipe(
    v.optional(v.array(v.string())),
    v.description('where the values came from, as far as it is known, in words'),
  ),
  last_answer: v.pipe(
    v.optional(
      v.object({
        approval: v.string(),
        decision: v.picklist(['approve', 'refuse']),
        by: v.optional(v.string()),
        reason: v.optional(v.string()),
        at: timestamp,
        words: v.string(),
      }),
    ),
    v.description('the last answer to this agent; absent if there was none within two days'),
  ),
  may_answer: v.pipe(
    v.optional(v.union([v.literal(true), v.string()])),
    v.description('whether the caller may answer; otherwise why not, in words'),
  ),
  answer: v.pipe(
    v.optional(jsonObject),
    v.description('the decision, who made it (`by`), why, and until when it holds'),
  ),
});

const decision = <const Value extends 'approve' | 'refuse'>(value: Value) =>
  v.pipe(v.literal(value), v.description('`approve` or `refuse`'));

const decided = {
  digest: v.pipe(
    v.string(),
    v.regex(DIGEST),
    v.description('the `digest` of the question that the person saw: 64 lower-case hex digits'),
  ),
  by: v.optional(
    nameOf(
      APPROVER_LENGTH_MAX,
      `who decided, if the credential does not say it: 1 to ${APPROVER_LENGTH_MAX} characters`,
    ),
  ),
  reason,
};

/** Answers of people that one request lists. */
export const ANSWERS_LISTED_MAX = 100;

const given = v.object({
  approval: v.pipe(v.string(), v.description('the id of the request')),
  decision: v.picklist(['approve', 'refuse']),
  at: timestamp,
  by: v.pipe(v.optional(v.string()), v.description('who decided; absent if it was erased')),
  reason: v.optional(v.string()),
  agent: v.optional(v.string()),
  subject: v.optional(v.string()),
  owner: v.optional(v.string()),
  task: v.optional(v.string()),
  workflow: v.optional(v.string()),
});

export const APPROVAL_ROUTES = {
  listApprovals: {
    method: 'GET',
    path: '/approvals',
    needs: 'read',
    summary: 'Lists pending approval requests, oldest first, up to 50 at a time.',
    params: {},
    query: v.object({ after: v.optional(position, '0') }),
    answer: v.object({
      as_of: v.optional(asOf),
      approvals: v.array(approval),
      pending: v.pipe(count, v.description('how many are pending in all')),
    }),
    problems: [],
  },
  listSuggestions: {
    method: 'GET',
    path: '/approvals/suggestions',
    needs: 'read',
    summary: 'Lists what one person has approved again and again, with a line for the policy.',
    description:
      'Nothing changes by it: a person decides whether a rule is right. The issuer stores no value for longer than its question, so an older suggestion has none.',
    params: {},
    answer: v.object({
      suggestions: v.array(
        v.object({
          agent: v.string(),
          tool: v.string(),
          pointer: v.pipe(
            v.string(),
            v.description('the argument, with `*` for an element of a list'),
          ),
          by: v.pipe(v.string(), v.description('the person who approved each time')),
          count: v.pipe(count, v.description('how often')),
          last: unixSeconds,
          value: v.pipe(
            v.optional(v.string()),
            v.description('the value as JSON, while a question with it is stored'),
          ),
          line: v.pipe(v.string(), v.description('a line of a policy that would ask no more')),
        }),
      ),
    }),
    problems: [],
  },
  listAnswers: {
    method: 'GET',
    path: '/answers',
    needs: 'read',
    summary: 'Lists what people answered within the last day, newest first.',
    description: `From the audit logs, so an answer stands here after its request is forgotten. At most ${ANSWERS_LISTED_MAX}.`,
    params: {},
    answer: v.object({
      as_of: asOf,
      answers: v.array(given),
      complete: v.pipe(v.boolean(), v.description('false if there were more within the day')),
    }),
    problems: [],
  },
  showApproval: {
    method: 'GET',
    path: '/approvals/:id',
    needs: 'read',
    summary: 'Shows one approval request, and its answer if there is one.',
    description: 'Requests that have ended stay readable for an hour.',
    params: { id },
    answer: v.object({ as_of: v.optional(asOf), ...approval.entries }),
    problems: ['approval_unknown'],
  },
  decideApproval: {
    method: 'POST',
    path: '/approvals/:id',
    needs: 'approve',
    scoped: true,
    stopsWith: { decision: 'refuse' },
    summary: 'Approves or refuses a request.',
    description:
      'The same answer again is accepted. A refusal withdraws an approval that was not used yet. For single calls it also stops the block that the agent may have: verifiers deny it from the next head of the feed on.',
    params: { id },
    body: v.variant('decision', [
      v.strictObject({
        decision: decision('approve'),
        until: v.pipe(
          v.number(),
          v.safeInteger(),
          v.description('Unix seconds until which the approval can be used, at most eight hours'),
        ),
        passkey: v.optional(
          v.pipe(
            PASSKEY_ANSWER,
            v.description(
              'the answer of a passkey of the person, to the SHA-256 of the lines `hewn approval 1`, id, digest and `until`',
            ),
          ),
        ),
        ...decided,
      }),
      v.strictObject({ decision: decision('refuse'), ...decided }),
    ]),
    answer: approval,
    problems: [
      ...(['approval_unknown', 'digest_differs', 'approval_ended', 'approver_is_agent'] as const),
      ...(['until_invalid', 'audit_unavailable', 'denied_by_operator'] as const),
      ...(['denials_unavailable', 'feed_unavailable'] as const),
      ...(['passkey_required', 'passkey_refused'] as const),
    ],
  },
} as const satisfies AdminRoutes;
