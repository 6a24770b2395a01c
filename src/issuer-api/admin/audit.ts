import * as v from 'valibot';
import type { AuditRecord } from '../../audit/index.ts';
import { isJsonObject } from '../../canonical-json.ts';
import { AUDIT_RECORDS_PER_PAGE_MAX } from '../../limits.ts';
import type { AdminRoutes } from '../route.ts';
import { count, position, WORKFLOW_ID } from '../values.ts';

const limit = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^\d{1,4}$/),
    v.transform(Number),
    v.minValue(1),
    v.maxValue(AUDIT_RECORDS_PER_PAGE_MAX),
    v.description(`how many records at most: 1 to ${AUDIT_RECORDS_PER_PAGE_MAX}`),
  ),
  String(AUDIT_RECORDS_PER_PAGE_MAX),
);

export const AUDIT_ROUTES = {
  showAudit: {
    method: 'GET',
    path: '/audit',
    summary: 'Reads the audit trail of one workflow, or of everything, a page at a time.',
    description:
      'Pass `next` as `after` until a page is empty. Every page is checked when it is read.',
    params: {},
    query: v.object({
      workflow: v.optional(
        v.pipe(v.string(), v.regex(WORKFLOW_ID), v.description('the id of a workflow')),
      ),
      mode: v.optional(
        v.pipe(
          v.picklist(['observe']),
          v.description('`observe`: only the decisions of routes that observe'),
        ),
      ),
      after: v.optional(position, '0'),
      limit,
    }),
    answer: v.object({
      records: v.array(
        v.object({
          seq: v.pipe(count, v.description('1 for the first record of the log')),
          previous: v.pipe(v.string(), v.description('hash of the record before, in hex')),
          hash: v.pipe(
            v.string(),
            v.description('SHA-256 of `previous` and the RFC 8785 form of `[seq, record]`'),
          ),
          record: v.custom<AuditRecord>((value) => isJsonObject(value)),
        }),
      ),
      whole: v.pipe(v.boolean(), v.description('whether hashes and links of the page are intact')),
      fault: v.pipe(
        v.optional(
          v.object({
            seq: count,
            fault: v.picklist(['hash_mismatch', 'link_broken', 'out_of_order', 'gap']),
          }),
        ),
        v.description('the first record that is not intact'),
      ),
      next: v.optional(count),
    }),
    problems: [],
  },
} as const satisfies AdminRoutes;
