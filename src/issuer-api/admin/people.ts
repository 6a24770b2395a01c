import * as v from 'valibot';
import { FEED_WATERMARK_VALUE_BYTES_MAX } from '../../limits.ts';
import type { AdminRoutes } from '../route.ts';
import { count, nameOf, reason, timestamp } from '../values.ts';

const REFERENCE_CHARACTERS_MAX = 128;

/** `hold.` and a UUID. */
const HOLD_ID = /^hold\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const subject = nameOf(
  FEED_WATERMARK_VALUE_BYTES_MAX,
  'the subject, or the agent of records without one, as records spell it',
);

const hold = v.object({
  hold: v.pipe(v.string(), v.description('the id of the hold')),
  subject: v.string(),
  reason: v.string(),
  actor: v.string(),
  at: timestamp,
});

export const PEOPLE_ROUTES = {
  erasePerson: {
    method: 'POST',
    path: '/audit/erasures',
    needs: 'erase',
    summary: 'Erases what the audit logs say about a person.',
    description:
      'Deletes the key under which the personal members of their records are encrypted. Entries, proofs and receipts stay valid. It cannot be undone, and it is complete at `complete_at`: until then the point-in-time recovery of the platform can bring the key back. Backups of an earlier time have the key, too.',
    params: {},
    body: v.strictObject({
      subject,
      reference: v.optional(
        nameOf(
          REFERENCE_CHARACTERS_MAX,
          'for the audit log, which keeps it: the number of a case, and nothing about the person',
        ),
      ),
    }),
    answer: v.object({
      erasure: v.pipe(v.string(), v.description('the id of its record')),
      at: timestamp,
      complete_at: v.pipe(timestamp, v.description('from then on, no recovery brings it back')),
      living: v.pipe(
        count,
        v.description('workflows of the person that still run; their objects have the subject'),
      ),
      recorded: v.pipe(
        v.boolean(),
        v.description('whether the audit log has it; if not, the issuer retries'),
      ),
    }),
    problems: ['subject_unknown', 'subject_held', 'archive_unavailable'],
  },
  listHolds: {
    method: 'GET',
    path: '/audit/holds',
    needs: 'read-trail',
    summary: 'Lists the legal holds.',
    params: {},
    answer: v.object({ holds: v.array(hold) }),
    problems: [],
  },
  setHold: {
    method: 'POST',
    path: '/audit/holds',
    needs: 'hold',
    stopsWith: {}, // It only keeps what is there.
    summary: 'Puts a legal hold on a person.',
    description:
      'Until it is released, what the logs say about the person cannot be erased, and retention keeps their records. The person may have no records yet.',
    params: {},
    body: v.strictObject({ subject, reason }),
    status: 201,
    answer: hold,
    problems: [],
  },
  releaseHold: {
    method: 'POST',
    path: '/audit/holds/:hold/release',
    needs: 'hold',
    summary: 'Releases a legal hold.',
    params: {
      hold: {
        schema: v.pipe(v.string(), v.regex(HOLD_ID), v.description('the id of a hold')),
        problem: 'hold_unknown',
      },
    },
    body: v.strictObject({ reason }),
    answer: hold,
    problems: ['hold_unknown', 'audit_unavailable'],
  },
} as const satisfies AdminRoutes;
