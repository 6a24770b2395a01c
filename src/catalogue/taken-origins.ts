import type { JsonScalar } from '../canonical-json.ts';
import { type FieldAuthor, readOrigin, type ValueOrigin } from '../provenance/index.ts';
import type { FieldMark, SinkMark, ValueSource } from './catalogue.ts';

/** Returns the mark of a field of a tool's answers. Returns undefined for a field without one. */
export type FieldAt = (tool: string, pointer: string) => FieldMark | undefined;

/** What a sink takes if its mark does not say: the request of the user, and an approval. */
export const TAKEN_BY_DEFAULT: readonly ValueSource[] = ['prompt', 'approved'];

/**
 * Returns whether a sink takes an origin: `taken` if the catalogue says so, or if the value is
 * safe; `stated` for another value, which its author chose; `open` for anything else.
 *
 * A field counts by its author and its kind. A sink that takes `own` takes it named or not, and one
 * that takes `own named` only takes it named.
 */
export function takesOrigin(
  mark: SinkMark | undefined,
  origin: ValueOrigin,
  isSafe: (value: JsonScalar) => boolean,
  fieldAt: FieldAt,
): 'taken' | 'stated' | 'open' {
  const read = readOrigin(origin);
  if (read === undefined) return 'open';
  if (read.kind === 'value') return isSafe(read.value) ? 'taken' : 'stated';
  if (mark === undefined) return 'open';
  const { kind, takes = TAKEN_BY_DEFAULT } = mark;
  const takesField = (by: FieldAuthor, of: string, named: boolean): boolean =>
    of === kind && (takes.includes(by) || (named && takes.includes(`${by} named`)));
  switch (read.kind) {
    case 'prompt':
    case 'approved':
    case 'self':
      return takes.includes(read.kind) ? 'taken' : 'open';
    case 'field':
      return takesField(read.by, read.of, read.named) ? 'taken' : 'open';
    case 'place': {
      const { tool, pointer, named = false } = read.place;
      const field = fieldAt(tool, pointer);
      return field && takesField(field.by, field.kind, named) ? 'taken' : 'open';
    }
  }
}
