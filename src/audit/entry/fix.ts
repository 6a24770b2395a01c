import { canonicalJson, type Json } from '../../canonical-json.ts';
import { utf8 } from '../../encoding.ts';
import { groupBy } from '../../group-by.ts';
import type { AuditRecord } from '../kinds/index.ts';
import { commitmentOf, type Key, recordKey } from './commitment.ts';
import { COMMITMENTS, type PersonalValue, personalValuesOf } from './personal.ts';
import { seal, writeSide } from './side.ts';

/** The key of a person, with its id, which says nothing about the person. */
export interface SubjectKey {
  readonly id: string;
  readonly key: Key;
}

/** A record as the archive has it: what the log proves, and beside it what can be erased. */
export interface FixedRecord {
  /** RFC 8785 JSON in UTF-8: the bytes of the leaf. They are made once and never again. */
  readonly entry: Uint8Array<ArrayBuffer>;
  readonly side: Uint8Array<ArrayBuffer>;
}

/**
 * Returns the entry and the side of a record. `keyOf` returns the key of each of
 * `peopleOf(record)`. The same record and keys give the same bytes.
 */
export async function toEntry(
  record: AuditRecord,
  keyOf: (person: string) => SubjectKey,
): Promise<FixedRecord> {
  const values = personalValuesOf(record);
  const boxes = [...groupBy(values, ({ person }) => person)].map(async ([person, members]) => {
    const { id, key } = keyOf(person);
    const clear = members.map(({ name, value }) => [name, value]);
    return { keyId: id, sealed: await seal(key, record.id, Object.fromEntries(clear)) };
  });
  const entry = utf8(canonicalJson(withCommitments(record, values, keyOf)));
  return { entry, side: writeSide(await Promise.all(boxes)) };
}

function withCommitments(
  record: AuditRecord,
  values: readonly PersonalValue[],
  keyOf: (person: string) => SubjectKey,
): Json {
  // `JSON` drops members that are undefined, exactly as storing the record does.
  const rest = JSON.parse(JSON.stringify(record)) as Record<string, Json>;
  for (const { name } of values) remove(rest, name);
  if (values.length === 0) return rest;
  const commitments = values.map(({ name, value, person }) => {
    const key = recordKey(keyOf(person).key, record.id);
    return [name, commitmentOf(key, name, value)];
  });
  return { ...rest, [COMMITMENTS]: Object.fromEntries(commitments) };
}

function remove(record: Record<string, Json>, name: string): void {
  const [outer = '', inner] = name.split('.', 2);
  if (inner === undefined) delete record[outer];
  else delete (record[outer] as Record<string, Json>)[inner];
}
