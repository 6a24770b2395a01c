import { peopleOf, toEntry } from '../../../src/audit/entry/index.ts';
import type { AuditRecord, LogName } from '../../../src/audit/index.ts';
import { archiveOf, type IssuerEnv } from '../platform/env.ts';
import { indexKeyOf } from '../search/index-key.ts';
import { keysOf } from '../subject-keys/keys.ts';
import type { Fixed } from './seal/state.ts';

/** Returns the entries of records, and the keys to find them by. */
export async function fixRecords(
  env: IssuerEnv,
  log: LogName,
  records: readonly AuditRecord[],
): Promise<Fixed> {
  const people = new Set(records.flatMap(peopleOf));
  const [keyOf, index] = await Promise.all([
    keysOf(env, [...people]),
    indexKeyOf(archiveOf(env, log)),
  ]);
  const fixed = await Promise.all(records.map((record) => toEntry(record, keyOf)));
  const ofPerson = (person: string) => (people.has(person) ? keyOf(person).key : undefined);
  return { records: fixed, index: { index, ofPerson } };
}
