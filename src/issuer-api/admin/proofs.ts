import * as v from 'valibot';
import type { AuditRecord, LogName } from '../../audit/index.ts';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';
import type { AdminRoutes } from '../route.ts';
import { count, LOG_PARAM } from '../values.ts';

/** The entries of a bundle, which is one object of the archive, are read at once. */
export const ENTRIES_PER_PAGE_MAX = 512;

const indexText = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^(?:0|[1-9]\d{0,14})$/),
    v.transform(Number),
    v.description(description),
  );

const openings = v.pipe(
  v.array(
    v.object({
      key: v.pipe(v.string(), v.description('the key of the record for one person, in hex')),
      members: v.pipe(
        v.custom<JsonObject>((value) => isJsonObject(value)),
        v.description('the members that it opens, by name'),
      ),
    }),
  ),
  v.description('what opens the commitments of the entry, as far as no key is erased'),
);

const hashes = (description: string) => v.pipe(v.array(v.string()), v.description(description));

export const PROOF_ROUTES = {
  showReceipt: {
    method: 'GET',
    path: '/audit/logs/:log/receipts/:index',
    needs: 'read-trail',
    summary: 'Returns the receipt of one record.',
    description:
      'A receipt is a file of C2SP tlog-proof. If no checkpoint covers the record yet, the log makes one first.',
    params: {
      log: LOG_PARAM,
      index: {
        schema: v.pipe(
          v.string(),
          v.regex(/^(?:0|[1-9]\d{0,14})$/),
          v.description('the position of a record in its log'),
        ),
        problem: 'record_unknown',
      },
    },
    answer: v.object({
      receipt: v.pipe(v.string(), v.description('the text of the file')),
    }),
    problems: ['log_unknown', 'record_unknown', 'log_unsigned'],
  },
  showProof: {
    method: 'GET',
    path: '/audit/logs/:log/proof',
    needs: 'read-trail',
    summary: 'Returns the proof of all records of a log from one to another.',
    description: 'The first line of a provable export. The records follow with `entries`.',
    params: { log: LOG_PARAM },
    query: v.object({
      from: v.optional(indexText('the first record; 0 by default'), '0'),
      to: v.optional(
        indexText('the record after the last; by default, the end of the newest checkpoint'),
      ),
    }),
    answer: v.object({
      log: v.string(),
      checkpoint: v.pipe(v.string(), v.description('a signed note, with the lines of witnesses')),
      from: count,
      to: count,
      before: hashes('the hashes of the full subtrees before `from`, in base64'),
      growth: hashes('the consistency proof from `to` to the size of the checkpoint, in base64'),
    }),
    problems: ['log_unknown', 'record_unknown', 'log_unsigned'],
  },
  listEntries: {
    method: 'GET',
    path: '/audit/logs/:log/entries',
    needs: 'read-trail',
    summary: 'Lists the entries of a log with what opens them.',
    description: `At most ${ENTRIES_PER_PAGE_MAX} entries. Entries that retention has deleted are missing, and so are records that are not in the archive yet.`,
    params: { log: LOG_PARAM },
    query: v.object({
      from: v.optional(indexText('the first record; 0 by default'), '0'),
      to: v.optional(indexText('the record after the last')),
    }),
    answer: v.object({
      entries: v.array(
        v.object({
          log: v.string(),
          index: count,
          entry: v.pipe(v.string(), v.description('RFC 8785 JSON, whose bytes are in the tree')),
          openings,
          record: v.pipe(
            v.custom<AuditRecord>((value) => isJsonObject(value)),
            v.description('the entry as the openings open it'),
          ),
        }),
      ),
      next: v.pipe(
        v.optional(count),
        v.description('where the next page begins; absent if this is the last one'),
      ),
    }),
    problems: ['log_unknown'],
  },
} as const satisfies AdminRoutes;

/** The path of a route was checked to be the name of a log. */
export const logOfPath = ({ log: name }: { readonly log: string }): LogName => name as LogName;
