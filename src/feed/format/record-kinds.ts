import { fromHex, fromUtf8, toHex, utf8 } from '../../encoding.ts';
import { WORKFLOW_ID_BYTES_MAX } from '../../limits.ts';
import { type EntryKind, type EntryOf, type FeedEntry, NEVER_EXPIRES } from './entry.ts';
import { FEED_BLOCK_ID_BYTES_MAX, REVOKED_ID_CODES } from './id-bytes.ts';
import { uint48 } from './shape.ts';
import { isWatermark, WATERMARK_SCOPES, type WatermarkScope } from './watermark.ts';

/** Reads the fields of a record, one after the other. */
export interface FieldReader {
  /** Reads a big-endian integer. */
  uint(bytes: number): number;
  take(length: number): Uint8Array;
}

/** The fields that every record begins with, after its code. */
export type CommonFields = Pick<FeedEntry, 'seq' | 'at' | 'expires'>;

/** What an entry of one kind is as bytes, and where it is kept. */
interface RecordKind<Kind extends EntryKind> {
  /** The first byte of the record. */
  readonly code: number;
  /**
   * Reads the fields after the common ones. Returns undefined if a text is not UTF-8. Everything
   * else is checked by `isValid`.
   */
  readonly read: (reader: FieldReader, common: CommonFields) => FeedEntry | undefined;
  /** Whether an entry has a record, the common fields aside. */
  readonly isValid: (entry: EntryOf<Kind>) => boolean;
  /**
   * How a verifier that starts from a snapshot learns of the entry: from the fingerprints or the
   * records of the snapshot, or from the head. The other entries leave nothing to learn.
   */
  readonly learnedFrom: 'fingerprints' | 'records' | 'head' | 'nothing';
}

/** `before` of a record that takes something back: no token was issued before 1970. */
export const BEFORE_NOTHING = 1;

const SCOPED_CODE = 1;

/**
 * Every kind of entry as a record. One form for each entry and one entry for each form, so a chain
 * over records is a chain over entries (docs/reference/feed.md, "Records"). `log/write-record.ts`
 * has the writers, which a verifier does not load.
 *
 * Withdrawals, denials and lifts share the form of a watermark; `before` and `expires` tell them
 * apart. A verifier of the release before refuses a code that it does not know, with everything
 * after it, so a code of their own would have let one denial cut off a whole fleet.
 */
export const RECORD_KINDS: { readonly [Kind in EntryKind]: RecordKind<Kind> } = {
  watermark: {
    code: SCOPED_CODE,
    read: readScoped,
    isValid: (entry) => isStop(entry) && !isLasting(entry),
    learnedFrom: 'head',
  },
  withdrawal: {
    code: SCOPED_CODE,
    read: readScoped,
    isValid: (entry) => isTakenBack(entry) && !isLasting(entry),
    learnedFrom: 'nothing',
  },
  denial: {
    code: SCOPED_CODE,
    read: readScoped,
    isValid: (entry) => isStop(entry) && isLasting(entry),
    learnedFrom: 'head',
  },
  lift: {
    code: SCOPED_CODE,
    read: readScoped,
    isValid: (entry) => isTakenBack(entry) && isLasting(entry),
    learnedFrom: 'nothing',
  },
  workflow: {
    code: REVOKED_ID_CODES.workflow,
    read: (reader, common) => withId(textId(reader), (id) => ({ kind: 'workflow', ...common, id })),
    isValid: ({ id }) => isWorkflowId(id),
    learnedFrom: 'fingerprints',
  },
  block: {
    code: REVOKED_ID_CODES.block,
    read: (reader, common) => ({ kind: 'block', ...common, id: toHex(idBytes(reader)) }),
    isValid: ({ id }) => isLength(fromHex(id)?.length, FEED_BLOCK_ID_BYTES_MAX),
    learnedFrom: 'fingerprints',
  },
  suspension: {
    code: 4,
    read: (reader, common) =>
      withId(textId(reader), (id) => ({ kind: 'suspension', ...common, id })),
    isValid: ({ id }) => isWorkflowId(id),
    learnedFrom: 'records',
  },
  resumption: {
    code: 5,
    read: (reader, common) => {
      const gen = reader.uint(6);
      return withId(textId(reader), (id) => ({ kind: 'resumption', ...common, id, gen }));
    },
    isValid: ({ id, gen }) => isWorkflowId(id) && isPositive(gen),
    learnedFrom: 'records',
  },
};

/** Returns whether an entry has a record. `encodeEntry` throws for any other. */
export function isEntry(entry: FeedEntry): boolean {
  const { seq, at, expires } = entry;
  return (
    isPositive(seq) &&
    isTime(at) &&
    isTime(expires) &&
    RECORD_KINDS[entry.kind].isValid(entry as never)
  );
}

function readScoped(reader: FieldReader, common: CommonFields): FeedEntry | undefined {
  const scope = WATERMARK_SCOPES[reader.uint(1)] as WatermarkScope;
  const before = reader.uint(6);
  const value = fromUtf8(reader.take(reader.uint(2)));
  if (value === undefined) return undefined;
  const scoped = { ...common, scope, value };
  if (before === BEFORE_NOTHING) {
    return { kind: isLasting(common) ? 'lift' : 'withdrawal', ...scoped };
  }
  return { kind: isLasting(common) ? 'denial' : 'watermark', ...scoped, before };
}

const isStop = (entry: EntryOf<'watermark' | 'denial'>): boolean =>
  isWatermark(entry) && entry.before > BEFORE_NOTHING;

const isTakenBack = ({ scope, value }: EntryOf<'withdrawal' | 'lift'>): boolean =>
  isWatermark({ scope, value, before: BEFORE_NOTHING });

const isLasting = ({ expires }: CommonFields): boolean => expires === NEVER_EXPIRES;

const idBytes = (reader: FieldReader): Uint8Array => reader.take(reader.uint(1));
const textId = (reader: FieldReader): string | undefined => fromUtf8(idBytes(reader));

const withId = (
  id: string | undefined,
  entryOf: (id: string) => FeedEntry,
): FeedEntry | undefined => (id === undefined ? undefined : entryOf(id));

const isPositive = uint48(1);
const isTime = uint48(0);

const isWorkflowId = (id: string): boolean =>
  // A lone surrogate has no UTF-8 form: two ids would share one record.
  id.isWellFormed() && isLength(utf8(id).length, WORKFLOW_ID_BYTES_MAX);

const isLength = (length: number | undefined, max: number): boolean =>
  length !== undefined && length > 0 && length <= max;
