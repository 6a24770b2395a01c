import * as v from 'valibot';
import { type FIELDS, readCursor } from '../../audit/find/index.ts';
import { type AuditRecord, isLogName, type LogName, RECORD_KINDS } from '../../audit/index.ts';
import { isJsonObject } from '../../canonical-json.ts';
import { AUDIT_RECORDS_PER_PAGE_MAX } from '../../limits.ts';
import type { AdminRoutes } from '../route.ts';
import { count, LOG_PARAM, nameFilter, timeFilter, timestamp, WORKFLOW_ID } from '../values.ts';

const number = (max: number, description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,4}$/),
    v.transform(Number),
    v.minValue(1),
    v.maxValue(max),
    v.description(`${description}: 1 to ${max}`),
  );

const log = v.pipe(
  v.string(),
  v.check(isLogName),
  v.transform((text) => text as LogName),
  v.description('the name of a log, such as control or decisions-1-0'),
);

/** Longer than any id that a log keeps. */
const RECORD_ID_CHARACTERS_MAX = 256;

const FILTERS = {
  workflow: v.optional(
    v.pipe(v.string(), v.regex(WORKFLOW_ID), v.description('the id of a workflow')),
  ),
  agent: nameFilter('only records of this agent'),
  subject: nameFilter('only records of this subject'),
  owner: nameFilter('only records of this owner'),
  tool: nameFilter('only records about this tool'),
  dataset: nameFilter('only records about this dataset'),
  code: nameFilter('only records with this code of a denial or a refusal'),
  event: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => Object.hasOwn(RECORD_KINDS, text)),
      v.description('only records of this kind, such as `mint` or `decision`'),
    ),
  ),
  mode: v.optional(
    v.pipe(
      v.picklist(['observe']),
      v.description('`observe`: only the decisions of routes that observe'),
    ),
  ),
  id: v.optional(
    v.pipe(
      v.string(),
      v.minLength(1),
      v.maxLength(RECORD_ID_CHARACTERS_MAX),
      v.description('only the record with this id'),
    ),
  ),
} as const satisfies Readonly<Record<(typeof FIELDS)[number], unknown>>;

const loggedRecord = v.object({
  log: v.pipe(v.string(), v.description('the log that has it')),
  index: v.pipe(count, v.description('its position there; 0 for the first')),
  record: v.custom<AuditRecord>((value) => isJsonObject(value)),
  leaf: v.pipe(
    v.optional(v.string()),
    v.description('the hash of its leaf in hex; absent until the log has an entry of it'),
  ),
  erased: v.pipe(
    v.optional(v.array(v.string())),
    v.description('members whose content is erased, so that the record has none of them'),
  ),
});

export const AUDIT_ROUTES = {
  searchAudit: {
    method: 'GET',
    path: '/audit',
    needs: 'read-trail',
    summary: 'Finds records in the audit logs, a page at a time.',
    description:
      'Each parameter narrows the search, and all must hold. The records of a page are in the order of their times, and those of one log in the order of that log. Pass `next` as `after` until `end` is true. A page may be empty before that: one request reads only so much. After the end, the same call finds what was recorded since.',
    params: {},
    query: v.object({
      log: v.optional(log),
      ...FILTERS,
      tree: v.optional(
        v.pipe(v.literal('true'), v.description('with `workflow`: also those below its root')),
      ),
      from: timeFilter('milliseconds', 'only records of this time or later, in RFC 3339'),
      until: timeFilter('milliseconds', 'only records before this time, in RFC 3339'),
      after: v.optional(
        v.pipe(
          v.string(),
          v.check((text) => readCursor(text) !== undefined),
          v.description('`next` of the page before'),
        ),
      ),
      last: v.optional(
        number(
          AUDIT_RECORDS_PER_PAGE_MAX,
          'without `after`: begin so many records before the end of each log',
        ),
      ),
      limit: v.optional(
        number(AUDIT_RECORDS_PER_PAGE_MAX, 'how many records at most'),
        String(AUDIT_RECORDS_PER_PAGE_MAX),
      ),
    }),
    answer: v.object({
      records: v.array(loggedRecord),
      next: v.pipe(v.string(), v.description('where the next page begins')),
      end: v.pipe(v.boolean(), v.description('whether all records there are were searched')),
    }),
    problems: [],
  },
  listLogs: {
    method: 'GET',
    path: '/audit/logs',
    needs: 'read-trail',
    summary: 'Lists the audit logs with their sizes and checkpoints.',
    params: {},
    answer: v.object({
      logs: v.array(
        v.object({
          log: v.string(),
          origin: v.pipe(v.string(), v.description('its name in checkpoints')),
          size: v.pipe(count, v.description('how many records it has')),
          committed: v.pipe(count, v.description('how many of them are entries in the archive')),
          fill: v.pipe(v.number(), v.description('how full its object is: 0 to 1')),
          checkpoint: v.pipe(
            v.optional(v.object({ size: count, root: v.string(), at: timestamp })),
            v.description('the newest that it signed; absent without a key of the log'),
          ),
          stopped: v.pipe(
            v.optional(v.string()),
            v.description('why it signs no checkpoint any more'),
          ),
        }),
      ),
    }),
    problems: [],
  },
  rebuildIndex: {
    method: 'POST',
    path: '/audit/logs/:log/index',
    needs: 'maintain',
    summary: 'Makes the index of a log again from its records, a part at a time.',
    description:
      'The part that begins with bundle 0 deletes the index first. Pass `next` as `from` until it is absent. Searches are complete at any time: they read the bundles that have no index.',
    params: { log: LOG_PARAM },
    body: v.strictObject({
      from: v.optional(v.pipe(count, v.description('the bundle to begin with; 0 by default')), 0),
    }),
    answer: v.object({
      bundles: v.pipe(
        count,
        v.description(
          'how many bundles of 256 records were indexed; retention may have deleted others',
        ),
      ),
      next: v.pipe(
        v.optional(count),
        v.description('where the next part begins; absent at the end'),
      ),
    }),
    problems: ['log_unknown'],
  },
} as const satisfies AdminRoutes;
