import type { Json } from '../canonical-json.ts';
import type { FieldMark } from '../catalogue/index.ts';
import { utf8 } from '../encoding.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import { LEAF_POINTER_UNITS_MAX, LEAF_TEXT_BYTES_MAX } from './bounds.ts';
import type { LeafValue } from './leaf.ts';

/** A value of an answer at a pointer that the catalogue marks. */
export interface MarkedValue extends LeafValue {
  readonly mark: FieldMark;
}

/** The marked values of an answer, and how many were left out because they cannot be attested. */
export interface MarkedValues {
  readonly values: readonly MarkedValue[];
  readonly left: number;
}

/** Visits of one answer: a list of thousands ends the walk, and the rest is not attested. */
const VISITS_MAX = 20_000;

/**
 * Returns the texts and numbers at the marked pointers of an answer, in the order of the marks. In
 * a mark, `*` is every element of a list or member of an object. A value at two marks is the
 * first's. Prose is left out: a text of more than 512 bytes.
 */
export function markedValues(
  data: Json,
  marks: readonly FieldMark[],
  countMax: number,
): MarkedValues {
  const values: MarkedValue[] = [];
  const seen = new Set<string>();
  let left = 0;
  let visits = 0;
  const visit = (at: Json, pointer: string, rest: readonly string[], mark: FieldMark): void => {
    visits += 1;
    if (visits > VISITS_MAX) return;
    const [segment, ...deeper] = rest;
    if (segment !== undefined) {
      for (const [name, child] of childrenOf(at, segment)) {
        visit(child, pointerTo(pointer, name), deeper, mark);
      }
      return;
    }
    if ((typeof at !== 'string' && typeof at !== 'number') || seen.has(pointer)) return;
    seen.add(pointer);
    if (!isAttestable(at) || pointer.length > LEAF_POINTER_UNITS_MAX || values.length >= countMax) {
      left += 1;
    } else values.push({ pointer, value: at, mark });
  };
  for (const mark of marks) {
    const segments = mark.pointer === '' ? [] : readPointer(mark.pointer);
    if (segments) visit(data, '', segments, mark);
  }
  return { values, left };
}

function childrenOf(at: Json, segment: string): readonly (readonly [string, Json])[] {
  if (typeof at !== 'object' || at === null) return [];
  if (segment === EACH_ELEMENT) return Object.entries(at);
  if (Array.isArray(at) && !/^(?:0|[1-9]\d*)$/.test(segment)) return [];
  return Object.hasOwn(at, segment)
    ? [[segment, (at as Readonly<Record<string, Json>>)[segment] as Json]]
    : [];
}

/** A number beyond what is exact has two readings: as text, and as parsers round it. */
const isAttestable = (value: string | number): boolean =>
  typeof value === 'number'
    ? Math.abs(value) <= Number.MAX_SAFE_INTEGER
    : value !== '' && value.isWellFormed() && utf8(value).length <= LEAF_TEXT_BYTES_MAX;

/** Returns the mark of the place of a leaf, whose pointer has every index and key written out. */
export function markAt(marks: readonly FieldMark[], pointer: string): FieldMark | undefined {
  const segments = pointer === '' ? [] : readPointer(pointer);
  return marks.find((mark) => {
    const pattern = mark.pointer === '' ? [] : readPointer(mark.pointer);
    return (
      pattern !== undefined &&
      pattern.length === segments?.length &&
      pattern.every((one, index) => one === EACH_ELEMENT || one === segments[index])
    );
  });
}
