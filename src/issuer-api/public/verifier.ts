import * as v from 'valibot';
import { MEASURED_VALUES_MAX } from '../../history/index.ts';
import { POINTER_BYTES_MAX, RECORDS_PER_BATCH_MAX, WORKFLOW_ID_BYTES_MAX } from '../../limits.ts';
import { APPROVED_CALL_ID, count, WORKFLOW_ID } from '../values.ts';
import type { PublicRoutes } from './route.ts';

const JSON_TYPE = 'application/json';
/** Longer than any tool of a grant; a longer name has no budget. */
const TOOL_CHARACTERS_MAX = 512;
const NONCE_CHARACTERS_MAX = 64;
/** A policy that sums more arguments of one tool than a call has datasets is a mistake. */
const AMOUNTS_MAX = 16;

const problem = (description: string) => ({
  description,
  contentType: JSON_TYPE,
  schema: v.object({ error: v.string(), message: v.string() }),
});

const refusals = {
  400: problem('The body is invalid'),
  401: problem('Not the credential of a verifier'),
  413: problem('The body is too large'),
  429: problem('Too many with this credential; see `Retry-After`'),
} as const;

/** A lone surrogate has no canonical form, and the stored name of a charge is a hash of one. */
const text = (lengthMax: number, description: string) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(lengthMax),
    v.check((value) => value.isWellFormed()),
    v.description(description),
  );

const workflow = v.pipe(
  v.string(),
  v.maxLength(WORKFLOW_ID_BYTES_MAX),
  v.regex(WORKFLOW_ID),
  v.description('the workflow of the call, which has to be of an audience of the credential'),
);
const tool = text(TOOL_CHARACTERS_MAX, 'the tool of the call');

/** A batch of records of one verifier, in the order of their numbers. */
export const RECORD_BATCH = v.strictObject({
  origin: v.pipe(
    v.string(),
    v.description(
      'the decision log that they are numbered for, such as `decisions-1-0`; `default` if they are numbered for all of them',
    ),
  ),
  records: v.pipe(
    v.array(v.unknown()),
    v.minLength(1),
    v.maxLength(RECORDS_PER_BATCH_MAX),
    v.description(`1 to ${RECORDS_PER_BATCH_MAX} records, as docs/reference/audit-log.md has them`),
  ),
  only: v.optional(
    v.pipe(
      v.literal('log'),
      v.description('`log` if a call waits: write only, and count when the batch is sent again'),
    ),
  ),
});

const REFUSED_RECORD = v.object({
  index: v.pipe(count, v.description('its place in the batch, from 0')),
  id: v.optional(v.string()),
  code: v.picklist([
    ...(['malformed', 'name_invalid', 'workflow_foreign', 'time_invalid', 'log_foreign'] as const),
  ]),
});

const MEASURED = v.strictObject({
  values: v.pipe(
    v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))),
    v.maxLength(MEASURED_VALUES_MAX),
    v.description(
      'for each value, the first half of the SHA-256 of the RFC 8785 form of `[value]`',
    ),
  ),
  micros: v.exactOptional(
    v.pipe(count, v.description('the sum of the values in millionths, if none is negative')),
  ),
});

export const CHARGE = v.strictObject({
  workflow,
  tool,
  nonce: text(NONCE_CHARACTERS_MAX, 'a random name for the call, which is charged once'),
  amounts: v.pipe(
    v.record(text(POINTER_BYTES_MAX, 'a JSON pointer'), v.pipe(v.number(), v.finite())),
    v.check((amounts) => Object.keys(amounts).length <= AMOUNTS_MAX),
    v.description('each summed argument by its JSON pointer, in millionths'),
  ),
  approval: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(APPROVED_CALL_ID),
      v.description('the approval that allows the call, which is spent with it'),
    ),
  ),
  measured: v.exactOptional(
    v.pipe(
      v.record(text(POINTER_BYTES_MAX, 'a JSON pointer'), v.nullable(MEASURED)),
      v.check((measured) => Object.keys(measured).length <= AMOUNTS_MAX),
      v.description(
        'each argument that a rule over history reads, as far as `history_unmeasured` asked for it; null if it has no value that counts',
      ),
    ),
  ),
});

export const CALL_END = v.strictObject({
  ...CHARGE.entries,
  end: v.pipe(
    v.picklist(['ok', 'failed', 'open']),
    v.description('how the call of the charge ended; `open` if no one knows'),
  ),
});

export const LEASE = v.strictObject({
  workflow,
  tool,
  lease: text(NONCE_CHARACTERS_MAX, 'a random name for the lease'),
});

export const SETTLEMENT = v.strictObject({
  workflow,
  lease: text(NONCE_CHARACTERS_MAX, 'the name of the lease'),
  spent: v.pipe(count, v.description('how many of its calls were made')),
});

const refusal = v.object({
  ok: v.literal(false),
  error: v.looseObject({ code: v.string() }),
});
const charged = v.variant('ok', [
  v.object({
    ok: v.literal(true),
    value: v.nullable(
      v.object({
        awaitsEnd: v.exactOptional(
          v.pipe(v.literal(true), v.description('report the end of the call: `/verifier/v1/end`')),
        ),
      }),
    ),
  }),
  refusal,
]);
const leased = v.variant('ok', [
  v.object({
    ok: v.literal(true),
    value: v.object({ calls: count, expires: v.number(), summed: v.array(v.string()) }),
  }),
  refusal,
]);

/** What a verifier with a credential of its own sends: records, and requests to budgets. */
export const VERIFIER_ROUTES = {
  records: {
    method: 'POST',
    path: '/verifier/v1/records',
    summary: 'Writes decision records to the audit log, and counts them.',
    specification: 'docs/reference/audit-log.md',
    caller: 'verifier',
    request: { contentType: JSON_TYPE, schema: RECORD_BATCH },
    answers: {
      200: {
        description: 'Written; a record that is never taken is in `refused`',
        contentType: JSON_TYPE,
        schema: v.object({
          written: count,
          refused: v.array(REFUSED_RECORD),
          fill: v.optional(
            v.pipe(
              v.number(),
              v.minValue(0),
              v.maxValue(1),
              v.description('how full the log is; at 1 it takes no more'),
            ),
          ),
        }),
      },
      ...refusals,
      404: problem('Not an audit log of this issuer'),
      503: problem('None was written; send the batch again'),
    },
  },
  charge: {
    method: 'POST',
    path: '/verifier/v1/charge',
    summary: 'Charges one call to the budgets of its workflow, before it is made.',
    caller: 'verifier',
    request: { contentType: JSON_TYPE, schema: CHARGE },
    answers: {
      200: { description: 'Charged, or why not', contentType: JSON_TYPE, schema: charged },
      ...refusals,
    },
  },
  giveBack: {
    method: 'POST',
    path: '/verifier/v1/give-back',
    summary: 'Gives a charge back, because its call was not made.',
    caller: 'verifier',
    request: { contentType: JSON_TYPE, schema: CHARGE },
    answers: {
      200: {
        description: 'Whether it is available again',
        contentType: JSON_TYPE,
        schema: v.object({ returned: v.boolean() }),
      },
      ...refusals,
    },
  },
  end: {
    method: 'POST',
    path: '/verifier/v1/end',
    summary: 'Reports how the call of a charge ended, for rules over history.',
    specification: 'docs/reference/history.md',
    caller: 'verifier',
    request: { contentType: JSON_TYPE, schema: CALL_END },
    answers: { 204: { description: 'Noted, if a rule waits for it' }, ...refusals },
  },
  lease: {
    method: 'POST',
    path: '/verifier/v1/lease',
    summary: 'Reserves calls of one tool, which the verifier then spends by itself.',
    caller: 'verifier',
    request: { contentType: JSON_TYPE, schema: LEASE },
    answers: {
      200: {
        description: 'The lease, or why it was refused',
        contentType: JSON_TYPE,
        schema: leased,
      },
      ...refusals,
    },
  },
  settle: {
    method: 'POST',
    path: '/verifier/v1/settle',
    summary: 'Settles a lease: calls that were not made are available again.',
    caller: 'verifier',
    request: { contentType: JSON_TYPE, schema: SETTLEMENT },
    answers: { 204: { description: 'Settled' }, ...refusals },
  },
} as const satisfies PublicRoutes;
