import * as v from 'valibot';
import { EACH_ELEMENT, readPointer } from '../../json-pointer.ts';
import type { Result } from '../../result.ts';
import type { CatalogueTool } from '../catalogue.ts';

/** One key of `[[tool]]`. `T` is its value in `CatalogueTool`. */
export interface CatalogueKey<T> {
  /** What the value may be by itself. The author of a catalogue reads its messages. */
  readonly schema: v.GenericSchema<unknown, T>;
  /** What a tool without the key is: a fault, a tool without it, or one with this value. */
  readonly absent: 'fault' | 'nothing' | { readonly value: T };
  /**
   * What is wrong with the value next to the other keys. `written` is undefined if the file lacks
   * the key.
   */
  readonly faults?: (written: T | undefined, tool: CatalogueTool) => Iterable<KeyFault>;
  /**
   * A phrase for each difference of two catalogues. Called with two values that are not equal. The
   * phrases quote only the catalogues.
   */
  readonly differences: (before: T | undefined, after: T | undefined) => readonly string[];
}

export interface KeyFault {
  /** Where in the value, as in `0.under`. Absent for the whole. */
  readonly where?: string;
  readonly why: string;
}

/** The schema of a table in a key. A misspelt member is a fault that lists the others. */
export const tableOf = <const E extends v.ObjectEntries>(entries: E) =>
  v.strictObject(entries, (issue) => {
    if (issue.expected === 'never') {
      return `unknown key. Allowed: ${Object.keys(entries).join(', ')}`;
    }
    return issue.received === 'undefined' ? 'missing' : issue.message;
  });

/** The fault of a name that was not accepted. */
export function* nameFault(
  checked: Result<unknown, { readonly why: string }>,
  where?: string,
): Generator<KeyFault> {
  if (!checked.ok) yield { ...(where !== undefined && { where }), why: checked.error.why };
}

/** What is wrong with a pointer that must lead to one of the tool's arguments, or below one. */
export function pointerFault(pointer: string, tool: CatalogueTool): string | undefined {
  const segments = readPointer(pointer);
  if (!segments) return 'not an RFC 6901 pointer';
  const [argument = ''] = segments;
  return argument !== EACH_ELEMENT && tool.arguments.includes(argument)
    ? undefined
    : 'not one of the listed arguments';
}
