import { canonicalJson, isJsonObject, type Json } from '../canonical-json.ts';
import type { UnixMilliseconds } from '../clock.ts';
import { utf8 } from '../encoding.ts';
import type { AuditRecord, PartDigest } from './kinds/index.ts';

/** Longer parts of a record are replaced by their digests. */
const AUDIT_RECORD_BYTES_MAX = 4 * 1024;

/** A mint names up to 128 grants, and the rule behind each. Within 4 KiB, 32 would not be kept. */
const MINT_RECORD_BYTES_MAX = 24 * 1024;

/** Deeper than any record. What lies deeper is cut, and so is a value that contains itself. */
const RECORD_DEPTH_MAX = 32;

/** Ids and events are shorter; a longer one would make the log's rows unbounded. */
const NAME_CHARACTERS_MAX = 256;

/**
 * Replacing a shorter part by its digest would save next to nothing. A revocation id is shorter: a
 * mint without its own could not be found by the token.
 */
const DIGESTED_PART_BYTES_MIN = 160;

/** Members that find, count or identify a record. None of them is long, so none is digested. */
const KEPT: ReadonlySet<string> = new Set(['event', 'id', 'at', 'verifier', 'n', 'workflow']);

/** Returns the SHA-256 of bytes as lower-case hex. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => string;

/** Returns whether a part of a record is a digest that stands for a longer part. */
export const isPartDigest = (value: unknown): value is PartDigest =>
  isJsonObject(value) &&
  Object.keys(value).length === 2 &&
  typeof value.sha256 === 'string' &&
  typeof value.bytes === 'number';

/**
 * Returns a record that the log can hash, whatever it contains. A lone surrogate becomes U+FFFD,
 * and what JSON cannot express becomes null or is left out. Otherwise a record that the log can
 * never write would stay owed as long as its object lives.
 */
export const hashable = (record: AuditRecord): AuditRecord =>
  toJson(record, 0) as unknown as AuditRecord;

function toJson(value: unknown, depth: number): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || depth === RECORD_DEPTH_MAX) return null;
  if (Array.isArray(value)) return value.map((one) => toJson(one, depth + 1));
  // Assignment would set the prototype for a member named `__proto__`.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && typeof member !== 'function')
      .map(([name, member]) => [name.toWellFormed(), toJson(member, depth + 1)]),
  );
}

/**
 * Returns a record as the log stores it: hashable, with an id and a time, and of at most
 * `AUDIT_RECORD_BYTES_MAX`, or `MINT_RECORD_BYTES_MAX` if it is of a mint. Accepts any value, so
 * that no content keeps the log from writing.
 */
export function storedForm(
  record: AuditRecord,
  sha256: Sha256,
  now: UnixMilliseconds,
): AuditRecord {
  const plain = hashable(record) as unknown as Json;
  const given: Readonly<Record<string, Json>> = isJsonObject(plain) ? plain : { value: plain };
  const named = (name: string, otherwise: () => string): string => {
    const value = given[name];
    return typeof value === 'string' && value.length <= NAME_CHARACTERS_MAX ? value : otherwise();
  };
  const { workflow, at, ...rest } = given;
  const isId = typeof workflow === 'string' && workflow.length <= NAME_CHARACTERS_MAX;
  const whole = {
    ...rest,
    // A value that cannot be a workflow id belongs to no trail.
    ...(isId && { workflow }),
    event: named('event', () => 'unknown'),
    id: named('id', () => `digest.${sha256(utf8(canonicalJson(given)))}`),
    at: Number.isSafeInteger(at) ? at : now,
  };
  const bytesMax = whole.event === 'mint' ? MINT_RECORD_BYTES_MAX : AUDIT_RECORD_BYTES_MAX;
  return shortened(whole as unknown as AuditRecord, sha256, bytesMax);
}

/**
 * Returns the record with its longest parts as digests, until it has at most `bytesMax` bytes as
 * JSON. Inner parts go first: of 32 grants with long constraints, the grants stay, and then as many
 * of them as fit.
 */
function shortened(record: AuditRecord, sha256: Sha256, bytesMax: number): AuditRecord {
  let over = sizeOf(record) - bytesMax;
  if (over <= 0) return record;
  const copy = JSON.parse(JSON.stringify(record)) as Record<string, Json>;
  const parts = partsOf(copy);
  const depths = [...new Set(parts.map(({ depth }) => depth))].sort((a, b) => b - a);
  for (const depth of depths) {
    // Measured again, because the inner parts may have become shorter.
    const here = parts
      .filter((part) => part.depth === depth)
      .map((part) => ({ ...part, bytes: sizeOf(part.parent[part.name] as Json) }))
      .filter(({ bytes }) => bytes >= DIGESTED_PART_BYTES_MIN)
      .sort((a, b) => b.bytes - a.bytes);
    for (const { parent, name, bytes } of here) {
      if (over <= 0) return copy as unknown as AuditRecord;
      const digest = digestOf(parent[name] as Json, sha256);
      parent[name] = digest;
      over -= bytes - sizeOf(digest);
    }
  }
  if (over <= 0) return copy as unknown as AuditRecord;
  // Many small members, which no kind of record has: only the digest of the whole identifies it.
  const kept = Object.entries(copy).filter(([name]) => KEPT.has(name));
  const whole = digestOf(copy, sha256);
  return { ...Object.fromEntries(kept), whole } as unknown as AuditRecord;
}

function digestOf(part: Json, sha256: Sha256): { sha256: string; bytes: number } {
  const form = utf8(canonicalJson(part));
  return { sha256: sha256(form), bytes: form.length };
}

interface Part {
  readonly parent: Record<string, Json>;
  readonly name: string;
  readonly depth: number;
}

function partsOf(value: Json, depth = 1): readonly Part[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Record<string, Json>).flatMap(([name, member]) => {
    if (depth === 1 && KEPT.has(name)) return [];
    const isLong = typeof member === 'string' || (typeof member === 'object' && member !== null);
    const part = { parent: value as Record<string, Json>, name, depth };
    return [...(isLong ? [part] : []), ...partsOf(member, depth + 1)];
  });
}

const sizeOf = (value: Json | object): number => utf8(JSON.stringify(value)).length;
