import * as v from 'valibot';
import type { KeyFault, KeyPath } from './fault.ts';
import { nearest } from './nearest.ts';
import { describeValue } from './secrets.ts';
import type { Setting, Settings } from './settings.ts';

/** A table of the file, as the parser returns it. */
export type Table = Readonly<Record<string, unknown>>;

/** A date is an object too, but no table. */
export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** Reads one own member: `constructor` is not a member of an empty table. */
export const member = (table: unknown, name: string): unknown =>
  isTable(table) && Object.hasOwn(table, name) ? table[name] : undefined;

export const notTable = (value: unknown, path: KeyPath): KeyFault => ({
  path,
  found: describeFound(value, path),
  allowed: 'a table',
});

export const describeFound = (value: unknown, path: KeyPath): string =>
  `found ${describeValue(
    value,
    path.findLast((part) => typeof part === 'string'),
  )}`;

/** Describes a key that the table may not have. */
export function unknownKey(path: KeyPath, allowed: readonly string[]): KeyFault {
  const name = String(path.at(-1));
  const suggestion = nearest(name, allowed);
  return {
    path,
    found: 'unknown key',
    allowed: allowed.join(', '),
    ...(suggestion !== undefined && { suggestion }),
    atKey: true,
  };
}

/** Returns every fault of a table against its settings. A missing key is not a fault here. */
export function settingsFaults(settings: Settings, table: Table, base: KeyPath): KeyFault[] {
  const names = Object.keys(settings);
  return Object.entries(table).flatMap(([name, value]) => {
    const path = [...base, name];
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    return setting ? valueFaults(setting, value, path) : [unknownKey(path, names)];
  });
}

const valueFaults = ({ schema }: Setting, value: unknown, path: KeyPath): KeyFault[] =>
  schemaFaults(schema, value, path);

/** Returns every fault of a value against a schema, with all unknown keys of its tables. */
export function schemaFaults(schema: v.GenericSchema, value: unknown, base: KeyPath): KeyFault[] {
  const unknown = unknownKeys(schema, value, base);
  // The validator takes a list or a date for an object without members.
  const isList = Array.isArray(value) || value instanceof Date;
  if (isList && ['strict_object', 'record'].includes(schema.type)) return [notTable(value, base)];
  const parsed = v.safeParse(schema, value);
  const invalid = (parsed.issues ?? [])
    .filter((issue) => !isUnknownKey(issue))
    .map((issue) => toFault(issue, base))
    // "missing jwksUri" beside "unknown key jwksUrl" would report one mistake twice.
    .filter(({ path, found }) => {
      const isMissing = found === MISSING;
      return !isMissing || !unknown.some(({ suggestion }) => suggestion === path.at(-1));
    });
  return [...unknown, ...invalid];
}

const isUnknownKey = ({ expected, kind }: v.BaseIssue<unknown>): boolean =>
  kind === 'schema' && expected === 'never';

export const MISSING = 'missing';

function toFault(issue: v.BaseIssue<unknown>, base: KeyPath): KeyFault {
  const path: KeyPath = [...base, ...(issue.path ?? []).map(({ key }) => key as string | number)];
  const options = [...(issue.expected ?? '').matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
  const isMissing = issue.input === undefined && (issue.path?.length ?? 0) > 0;
  if (isMissing) return { path, found: MISSING, allowed: `a key ${showKey(path)}` };
  const { input } = issue;
  const suggestion = typeof input === 'string' ? nearest(input, options) : undefined;
  const fault = { path, found: describeFound(input, path), ...allowedBy(issue, options) };
  return suggestion === undefined ? fault : { ...fault, suggestion };
}

/** Says what is allowed. A message of the validator itself quotes the value, so it is not used. */
function allowedBy(
  { kind, expected, message }: v.BaseIssue<unknown>,
  options: readonly string[],
): Pick<KeyFault, 'allowed'> {
  if (!/^Invalid /.test(message)) return { allowed: message.replace(/^not /, '') };
  if (kind === 'schema' && options.length > 0) {
    return { allowed: options.map((option) => JSON.stringify(option)).join(', ') };
  }
  const least = /^>=(\d+)$/.exec(expected ?? '')?.[1];
  if (least !== undefined) return { allowed: `at least ${least}` };
  return { allowed: TYPES[expected ?? ''] ?? `the form ${expected}` };
}

const showKey = (path: KeyPath): string => JSON.stringify(path.at(-1));

/** What people call the types of values. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number without quotes',
  boolean: 'true or false, without quotes',
  Array: 'a list',
  Object: 'a table',
};

interface Walked {
  readonly type: string;
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly item?: v.GenericSchema;
  readonly wrapped?: v.GenericSchema;
  readonly value?: v.GenericSchema;
}

/** The validator stops at the first unknown key of a table; a person wants to see all of them. */
function unknownKeys(schema: v.GenericSchema, value: unknown, base: KeyPath): KeyFault[] {
  const { type, entries, item, wrapped, value: valueSchema } = schema as unknown as Walked;
  if (wrapped) return unknownKeys(wrapped, value, base);
  if (type === 'array' && item && Array.isArray(value)) {
    return value.flatMap((each, index) => unknownKeys(item, each, [...base, index]));
  }
  if (!isTable(value)) return [];
  if (type === 'strict_object' && entries) {
    const names = Object.keys(entries);
    return Object.entries(value).flatMap(([name, each]) => {
      const path = [...base, name];
      const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
      return entry ? unknownKeys(entry, each, path) : [unknownKey(path, names)];
    });
  }
  if (type === 'record' && valueSchema) {
    return Object.entries(value).flatMap(([name, each]) =>
      unknownKeys(valueSchema, each, [...base, name]),
    );
  }
  return [];
}
