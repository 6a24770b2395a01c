import * as v from 'valibot';

/**
 * JSON in a column, with a version. Version 1 is the bare value, as release 0.1.0 wrote it; from
 * version 2 on it stands in `{"v":2,"value":…}`, a form that no bare value has. What a release
 * writes, the release before can read: it learns a version first, and writes it from the next
 * release on (docs/upgrading.md).
 */
export interface JsonColumn<T> {
  read(text: SqlStorageValue | undefined): T;
  write(value: T): string;
}

/**
 * A column by its name, as table and column. `versions` are what each of its versions must have,
 * turned into what the code works with; members that one does not name are kept as they are.
 * `writes` is the version of what is written.
 */
export function jsonColumn<T>(
  name: string,
  versions: readonly v.GenericSchema[],
  writes = 1,
): JsonColumn<T> {
  return {
    read(text) {
      const { version, value } = versionOf(parse(name, text));
      const schema = versions[version - 1];
      if (!schema) {
        throw new Error(`${name} has version ${version}, which this code does not know`);
      }
      const read = v.safeParse(schema, value, { abortEarly: true });
      if (read.success) return read.output as T;
      // Where it is wrong and never what it says: rows have names and tasks of people.
      const path = v.getDotPath(read.issues[0]) ?? 'the whole';
      throw new Error(`${name} is not as version ${version} has it: see ${path}`);
    },
    write: (value) => JSON.stringify(writes === 1 ? value : { v: writes, value }),
  };
}

function parse(name: string, text: SqlStorageValue | undefined): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw new Error(`${name} is no JSON`);
  }
}

const envelope = v.strictObject({
  v: v.pipe(v.number(), v.safeInteger(), v.minValue(2)),
  value: v.unknown(),
});

function versionOf(stored: unknown): { version: number; value: unknown } {
  const read = v.safeParse(envelope, stored);
  return read.success
    ? { version: read.output.v, value: read.output.value }
    : { version: 1, value: stored };
}
