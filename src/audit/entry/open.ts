import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { fromHex, fromUtf8, toHex } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { AuditRecord } from '../kinds/index.ts';
import { commitmentOf, type Key, recordKey } from './commitment.ts';
import { COMMITMENTS } from './personal.ts';
import { readSide, unseal } from './side.ts';

/** A record as a reader gets it. */
export interface OpenedRecord {
  readonly record: AuditRecord;
  /** The names of the members whose key was erased, or that the reader has no key for. */
  readonly erased: readonly string[];
}

/**
 * What opens the commitments of one record for one person: the record's key, 64 hex digits, and the
 * values. It opens no other record.
 */
export interface Opening {
  readonly key: string;
  readonly members: Readonly<Record<string, Json>>;
}

/**
 * Why an entry cannot be opened. `entry_malformed`: it is no JSON object with an id.
 * `side_malformed`: the side is not made of boxes. `side_mismatch`: a box does not open with its
 * key, or what it says is not what the entry commits to. Someone has changed the archive.
 */
export type EntryFault = {
  readonly code: 'entry_malformed' | 'side_malformed' | 'side_mismatch';
};

/** Returns the ids of the keys that open a side, each once; none if the side is malformed. */
export const keyIdsOf = (side: Uint8Array): readonly string[] => [
  ...new Set((readSide(side) ?? []).map(({ keyId }) => keyId)),
];

/**
 * Returns the record of an entry. Its personal members are read from the side and count only if
 * they fit the entry's commitments. `keyOf` returns undefined for a key that was erased.
 */
export async function openEntry(
  entry: Uint8Array,
  side: Uint8Array | undefined,
  keyOf: (keyId: string) => Key | undefined,
): Promise<Result<OpenedRecord, EntryFault>> {
  const openings = await openingsOf(entry, side, keyOf);
  return openings.ok ? openWith(entry, openings.value) : openings;
}

/** Returns what opens an entry for someone else, such as the reader of a receipt. */
export async function openingsOf(
  entry: Uint8Array,
  side: Uint8Array | undefined,
  keyOf: (keyId: string) => Key | undefined,
): Promise<Result<readonly Opening[], EntryFault>> {
  const parsed = parse(entry);
  if (!parsed) return refuse({ code: 'entry_malformed' });
  const boxes = readSide(side ?? new Uint8Array());
  if (!boxes) return refuse({ code: 'side_malformed' });
  const openings: Opening[] = [];
  for (const { keyId, sealed } of boxes) {
    const key = keyOf(keyId);
    if (!key) continue;
    const own = recordKey(key, parsed.id);
    const members = await unseal(own, sealed);
    if (!members) return refuse({ code: 'side_mismatch' });
    openings.push({ key: toHex(own), members });
  }
  return ok(openings);
}

/**
 * Returns the record of an entry with the members that `openings` reveals, if all of them fit the
 * entry's commitments. Needs nothing of the log: the entry itself must be known to be in it.
 */
export function openWith(
  entry: Uint8Array,
  openings: readonly Opening[],
): Result<OpenedRecord, EntryFault> {
  const parsed = parse(entry);
  if (!parsed) return refuse({ code: 'entry_malformed' });
  const { commitments } = parsed;
  let { record } = parsed;
  const opened = new Set<string>();
  for (const { key, members } of openings) {
    const bytes = fromHex(key) ?? new Uint8Array();
    for (const [name, value] of Object.entries(members)) {
      const isCommitted = Object.hasOwn(commitments, name);
      if (!isCommitted || commitments[name] !== commitmentOf(bytes, name, value)) {
        return refuse({ code: 'side_mismatch' });
      }
      record = restored(record, name, value);
      opened.add(name);
    }
  }
  const erased = Object.keys(commitments).filter((name) => !opened.has(name));
  return ok({ record: record as unknown as AuditRecord, erased });
}

interface ParsedEntry {
  readonly id: string;
  readonly record: JsonObject;
  readonly commitments: JsonObject;
}

function parse(entry: Uint8Array): ParsedEntry | undefined {
  try {
    const value: unknown = JSON.parse(fromUtf8(entry) ?? 'null');
    if (!isJsonObject(value) || typeof value.id !== 'string') return undefined;
    const { [COMMITMENTS]: commitments = {}, ...record } = value;
    return isJsonObject(commitments) ? { id: value.id, record, commitments } : undefined;
  } catch {
    return undefined;
  }
}

/** Never by assignment, which would set the prototype for a member named `__proto__`. */
function restored(record: JsonObject, name: string, value: Json): JsonObject {
  const [outer = '', inner] = name.split('.', 2);
  if (inner === undefined) return { ...record, [outer]: value };
  return { ...record, [outer]: { ...(record[outer] as JsonObject), [inner]: value } };
}
