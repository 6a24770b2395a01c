import * as v from 'valibot';
import { type AuditRecord, isLogName, type LogName } from '../../audit/index.ts';
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

/** Records of one page of a trail. */
const PROOFS_PER_PAGE_MAX = 64;

/** Reads `control:12,decisions-1-0:4`. Undefined if it is malformed or has too many records. */
function readPlaces(
  text: string,
): readonly { readonly log: LogName; readonly index: number }[] | undefined {
  const parts = text.split(',');
  if (parts.length > PROOFS_PER_PAGE_MAX) return undefined;
  const places = parts.flatMap((part) => {
    const [, log = '', index] = /^([a-z0-9-]{1,40}):(0|[1-9]\d{0,14})$/.exec(part) ?? [];
    return isLogName(log) && index !== undefined ? [{ log, index: Number(index) }] : [];
  });
  return places.length === parts.length ? places : undefined;
}

/** An entry of a log with what opens it. */
const openedEntry = {
  log: v.string(),
  index: count,
  entry: v.pipe(v.string(), v.description('RFC 8785 JSON, whose bytes are in the tree')),
  openings,
  record: v.pipe(
    v.custom<AuditRecord>((value) => isJsonObject(value)),
    v.description('the entry as the openings open it'),
  ),
};

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
  proveRecords: {
    method: 'GET',
    path: '/audit/proofs',
    needs: 'read-trail',
    summary: 'Returns what proves the records of a page, for a reader who checks it.',
    description: `For each record its entry, what opens it, and the inclusion proof to the newest checkpoint of its log: RFC 9162 section 2.1.3 with SHA-256, over the bytes of the entry in UTF-8. If the checkpoint of a log does not cover a record yet, the log makes one first. At most ${PROOFS_PER_PAGE_MAX} records. The keys are those that this issuer states: a reader who does not trust it compares them with keys from elsewhere.`,
    params: {},
    query: v.object({
      of: v.pipe(
        v.string(),
        v.check((text) => readPlaces(text) !== undefined),
        v.transform((text) => readPlaces(text) ?? []),
        v.description(
          `the log and the position of each record, as in control:12,decisions-1-0:4: 1 to ${PROOFS_PER_PAGE_MAX}`,
        ),
      ),
    }),
    answer: v.object({
      logs: v.array(
        v.object({
          log: v.string(),
          origin: v.pipe(v.string(), v.description('its name in checkpoints')),
          checkpoint: v.pipe(
            v.string(),
            v.description('a signed note, with the lines of witnesses'),
          ),
          size: v.pipe(count, v.description('how many entries the checkpoint covers')),
          root: v.pipe(v.string(), v.description('the root that it states, in base64')),
          key: v.pipe(v.string(), v.description('the verifier key of the log')),
          witnesses: hashes('the verifier keys of the configured witnesses'),
          quorum: v.pipe(
            count,
            v.description('witnesses that must have cosigned; 0 if none are configured'),
          ),
        }),
      ),
      records: v.array(
        v.object({
          ...openedEntry,
          proof: hashes('the inclusion proof, from the leaf up, in base64'),
        }),
      ),
      unproven: v.pipe(
        v.array(
          v.object({
            log: v.string(),
            index: count,
            why: v.picklist(['log_unsigned', 'record_unknown']),
          }),
        ),
        v.description('records without a proof'),
      ),
    }),
    problems: [],
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
          ...openedEntry,
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
