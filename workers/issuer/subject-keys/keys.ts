import { createHash } from 'node:crypto';
import type { Key, SubjectKey } from '../../../src/audit/entry/index.ts';
import { groupBy } from '../../../src/group-by.ts';
import { type IssuerEnv, subjectKeys } from '../platform/env.ts';
import type { LegalHold } from './binding.ts';

/** The names of the objects: the first digit of what is in them. */
const DIGITS: readonly string[] = [...'0123456789abcdef'];

/** Returns the name of the object that has the key of a person. */
export const digitOf = (person: string): string =>
  createHash('sha256').update(person).digest('hex').slice(0, 1);

/**
 * Returns the keys of people, and makes those that do not exist: one call for each object that has
 * some of them. Rejects if one of the objects does not answer.
 */
export async function keysOf(
  env: IssuerEnv,
  people: readonly string[],
): Promise<(person: string) => SubjectKey> {
  const keys = new Map<string, SubjectKey>();
  const groups = [...groupBy(new Set(people), digitOf)];
  await Promise.all(
    groups.map(async ([digit, some]) => {
      const found = await subjectKeys(env, digit).keysOf(some);
      for (const [place, key] of found.entries()) keys.set(some[place] ?? '', key);
    }),
  );
  return (person) => {
    const key = keys.get(person);
    if (!key) throw new Error('the key of a person was not asked for');
    return key;
  };
}

/** Returns the keys of those people who have one. Makes none. */
export async function knownKeysOf(
  env: IssuerEnv,
  people: Iterable<string>,
): Promise<(person: string) => SubjectKey | undefined> {
  const keys = new Map<string, SubjectKey>();
  await Promise.all(
    [...groupBy(new Set(people), digitOf)].map(async ([digit, some]) => {
      const found = await subjectKeys(env, digit).known(some);
      for (const [place, known] of found.entries()) if (known) keys.set(some[place] ?? '', known);
    }),
  );
  return (person) => keys.get(person);
}

/** Returns the keys with these ids, for opening entries. Those that were erased are missing. */
export async function keysById(
  env: IssuerEnv,
  ids: readonly string[],
): Promise<(id: string) => Key | undefined> {
  const groups = [...groupBy(new Set(ids), (id) => id.slice(0, 1))];
  const found = await Promise.all(
    groups
      .filter(([digit]) => DIGITS.includes(digit))
      .map(([digit, some]) => subjectKeys(env, digit).find(some)),
  );
  const keys = new Map(found.flat().map(({ id, key }) => [id, key]));
  return (id) => keys.get(id);
}

/** Returns all legal holds, the oldest first. */
export async function legalHolds(env: IssuerEnv): Promise<readonly LegalHold[]> {
  const holds = await Promise.all(DIGITS.map((digit) => subjectKeys(env, digit).holds()));
  return holds.flat().sort((a, b) => a.at - b.at);
}

/** Returns the ids of all keys that a legal hold is on. */
export async function heldKeys(env: IssuerEnv): Promise<ReadonlySet<string>> {
  const ids = await Promise.all(DIGITS.map((digit) => subjectKeys(env, digit).heldKeys()));
  return new Set(ids.flat());
}
