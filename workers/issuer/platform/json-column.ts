import * as v from 'valibot';

/**
 * JSON in a column, with a version. Version 1 is the bare value, as release 0.1.0 wrote it. From
 * version 2 on it is `{"v":2,"value":…}`, which no bare value looks like. The previous release must
 * be able to read what this one writes: a release learns to read a version, and the next release
 * writes it (docs/upgrading.md).
 */
export interface JsonColumn<T> {
  read(text: SqlStorageValue | undefined): T;
  write(value: T): string;
}

/**
 * Returns a column, by its name as table and column. `versions` are the schemas of its versions,
 * each of which turns a stored value into the form that the code uses. Unknown members are kept.
 * `writes` is the version that is written.
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
      // Name the place and never the value: rows contain names and tasks of people.
      const path = v.getDotPath(read.issues[0]) ?? 'the value';
      throw new Error(`${name} does not match version ${version}: ${path} is malformed`);
    },
    write: (value) => JSON.stringify(writes === 1 ? value : { v: writes, value }),
  };
}

function parse(name: string, text: SqlStorageValue | undefined): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw new Error(`${name} is not JSON`);
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
