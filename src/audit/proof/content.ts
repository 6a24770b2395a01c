import * as v from 'valibot';
import { isJsonObject, type Json } from '../../canonical-json.ts';
import { fromBase64, HASH_BYTES, toBase64 } from '../../tlog/index.ts';
import type { Opening } from '../entry/index.ts';
import { isLogName, type LogName } from '../logs.ts';

/**
 * The lines of a provable export, which is NDJSON. For each log in it, a line with a checkpoint
 * comes before the lines of its records.
 */
const opening = v.object({
  key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  members: v.custom<Readonly<Record<string, Json>>>(isJsonObject, 'not an object'),
});
const hash = v.pipe(
  v.string(),
  v.transform((text) => fromBase64(text)),
  v.check((bytes) => bytes?.length === HASH_BYTES, 'not a hash'),
  v.transform((bytes) => bytes as Uint8Array),
);
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const log = v.pipe(
  v.string(),
  v.check(isLogName),
  v.transform((text) => text as LogName),
);

const content = v.object({ entry: v.string(), openings: v.array(opening) });

/** Reads the `extra` of a receipt. */
export function readContent(
  value: unknown,
): { readonly entry: string; readonly openings: readonly Opening[] } | undefined {
  const read = v.safeParse(content, value);
  return read.success ? read.output : undefined;
}

/**
 * All records of a log from one index to another, before which `before` is the frontier. `growth`
 * is the proof of consistency from `to` to the size of the checkpoint.
 */
const rangeLine = v.object({
  log,
  checkpoint: v.string(),
  from: index,
  to: index,
  before: v.array(hash),
  growth: v.array(hash),
});

/** Single records of a log follow, each with its own proof. */
const checkpointLine = v.object({ log, checkpoint: v.string() });

const recordLine = v.object({
  log,
  index,
  ...content.entries,
  /** For a reader: `entry` as `openings` opens it. */
  record: v.optional(v.custom<Json>(isJsonObject, 'not an object')),
  proof: v.optional(v.array(hash)),
});

export type RangeLine = v.InferOutput<typeof rangeLine>;
export type CheckpointLine = v.InferOutput<typeof checkpointLine>;
export type RecordLine = v.InferOutput<typeof recordLine>;

/** A line of an export by its kind. */
export type ExportLine =
  | { readonly kind: 'range'; readonly line: RangeLine }
  | { readonly kind: 'checkpoint'; readonly line: CheckpointLine }
  | { readonly kind: 'record'; readonly line: RecordLine };

/** Reads a line of a provable export. */
export function readExportLine(text: string): ExportLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  if (!Object.hasOwn(value, 'checkpoint')) return parsedAs('record', recordLine, value);
  return Object.hasOwn(value, 'from')
    ? parsedAs('range', rangeLine, value)
    : parsedAs('checkpoint', checkpointLine, value);
}

function parsedAs<Kind extends string, Schema extends v.GenericSchema>(
  kind: Kind,
  schema: Schema,
  value: unknown,
): { readonly kind: Kind; readonly line: v.InferOutput<Schema> } | undefined {
  const read = v.safeParse(schema, value);
  return read.success ? { kind, line: read.output } : undefined;
}

/** Returns the members of a line that are hashes as they are written. */
export const hashesAsText = (hashes: readonly Uint8Array[]): readonly string[] =>
  hashes.map(toBase64);
