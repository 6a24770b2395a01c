import { canonicalJson, isJsonObject, type Json } from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import type { AuditRecord } from './record.ts';
import type { PartDigest } from './record-base.ts';

const AUDIT_RECORD_BYTES_MAX = 4 * 1024; // Longer parts are in it as digests.

export const isPartDigest = (value: unknown): value is PartDigest =>
  isJsonObject(value) &&
  Object.keys(value).length === 2 &&
  typeof value.sha256 === 'string' &&
  typeof value.bytes === 'number';

export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => string;

/** By these a record is found, counted and told from others; none of them is long. */
const KEPT: ReadonlySet<string> = new Set(['event', 'id', 'at', 'verifier', 'n', 'workflow']);

/** A part that is no longer than its digest would be is no gain. */
const PART_BYTES_MIN = 128;

/**
 * The record with its longest parts as digests, until it has `bytesMax` bytes as JSON. Parts inside
 * others go first: of 32 grants with long constraints the grants stay, and then as many as fit.
 * `record` is JSON: see `writable`.
 */
export function shortened(
  record: AuditRecord,
  sha256: Sha256,
  bytesMax = AUDIT_RECORD_BYTES_MAX,
): AuditRecord {
  let over = sizeOf(record) - bytesMax;
  if (over <= 0) return record;
  const copy = JSON.parse(JSON.stringify(record)) as Record<string, Json>;
  const parts = partsOf(copy);
  const depths = [...new Set(parts.map(({ depth }) => depth))].sort((a, b) => b - a);
  for (const depth of depths) {
    // Measured now: what was inside may have become shorter.
    const here = parts
      .filter((part) => part.depth === depth)
      .map((part) => ({ ...part, bytes: sizeOf(part.parent[part.name] as Json) }))
      .filter(({ bytes }) => bytes >= PART_BYTES_MIN)
      .sort((a, b) => b.bytes - a.bytes);
    for (const { parent, name, bytes } of here) {
      if (over <= 0) return copy as unknown as AuditRecord;
      const form = utf8(canonicalJson(parent[name] as Json));
      const digest = { sha256: sha256(form), bytes: form.length };
      parent[name] = digest;
      over -= bytes - sizeOf(digest);
    }
  }
  if (over <= 0) return copy as unknown as AuditRecord;
  // Many small members, which no record of ours has: what it was is known by its digest alone.
  const kept = Object.entries(copy).filter(([name]) => KEPT.has(name));
  const form = utf8(canonicalJson(copy));
  const whole = { sha256: sha256(form), bytes: form.length };
  return { ...Object.fromEntries(kept), whole } as unknown as AuditRecord;
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
