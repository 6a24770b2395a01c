import { ok, type Result, refuse } from '../result.ts';

/** One segment of a path: a fixed text, one value, or, at the end, all values that follow. */
export type TemplateSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      /** Fixed text of the segment before and after the value. */
      readonly before: string;
      readonly after: string;
    }
  | { readonly kind: 'rest'; readonly name: string };

export type PathTemplate = readonly TemplateSegment[];

const TEMPLATE_SEGMENTS_MAX = 32;

/** Text that stands for itself in a URLPattern and in a URL. A colon is escaped. */
const TEXT = String.raw`(?:[\w.~@,=!&'-]|\\:)*`;
const SEGMENT = new RegExp(`^(${TEXT})(?::([A-Za-z_]\\w*)(\\+?))?(${TEXT})$`);

const unescaped = (text: string): string => text.replaceAll(String.raw`\:`, ':');

/**
 * Reads a path in the syntax of URLPattern: fixed text, `:name` for one value, and `:name+` as the
 * last segment for one or more. Optional groups and expressions are refused: whether two routes
 * overlap must be certain.
 */
export function readPathTemplate(path: string): Result<PathTemplate, string> {
  if (!path.startsWith('/')) return refuse('must begin with /');
  const written = path.slice(1).split('/');
  if (written.length > TEMPLATE_SEGMENTS_MAX) return refuse('has too many segments');
  const segments: TemplateSegment[] = [];
  for (const [index, text] of written.entries()) {
    const isLast = index === written.length - 1;
    const segment = readSegment(text, isLast);
    if (!segment.ok) return segment;
    segments.push(segment.value);
  }
  const names = parametersOf(segments);
  if (new Set(names).size !== names.length) return refuse('has a parameter twice');
  return ok(segments);
}

function readSegment(text: string, isLast: boolean): Result<TemplateSegment, string> {
  const [whole, before = '', name, plus, after = ''] = SEGMENT.exec(text) ?? [];
  if (whole === undefined) {
    return refuse(
      'may have fixed text, :name and, at the end, :name+. It may not have expressions, optional parts or encoded characters',
    );
  }
  if (text === '' && !isLast) return refuse('has an empty segment');
  if (text === '.' || text === '..') return refuse('has a dot segment');
  if (name === undefined) return ok({ kind: 'literal', text: unescaped(before) });
  if (plus === '') {
    return ok({ kind: 'parameter', name, before: unescaped(before), after: unescaped(after) });
  }
  if (!isLast || before !== '' || after !== '') {
    return refuse('may have :name+ only as its last segment');
  }
  return ok({ kind: 'rest', name });
}

/** Returns the names of the parameters, in the order of the path. */
export const parametersOf = (template: PathTemplate): readonly string[] =>
  template.flatMap((segment) => (segment.kind === 'literal' ? [] : [segment.name]));

/** How the paths of one template relate to those of another. */
export type Relation = 'apart' | 'same' | 'inside' | 'around' | 'crossing';

/**
 * Compares two templates: `inside` if every path of the first is one of the second as well, and
 * `crossing` if some paths are of both, and each has others.
 */
export function relate(one: PathTemplate, other: PathTemplate): Relation {
  let relation: Relation = 'same';
  for (let index = 0; ; index += 1) {
    const [a, b] = [one[index], other[index]];
    if (!a || !b) return a === b ? relation : 'apart';
    if (a.kind === 'rest' && b.kind === 'rest') return relation;
    if (a.kind === 'rest')
      return both(relation, areValues(other.slice(index)) ? 'around' : 'apart');
    if (b.kind === 'rest') return both(relation, areValues(one.slice(index)) ? 'inside' : 'apart');
    relation = both(relation, relateSegments(a, b));
    if (relation === 'apart') return 'apart';
  }
}

type OneSegment = Exclude<TemplateSegment, { kind: 'rest' }>;

/** A value of `:name+` is not empty, and a trailing slash is an empty segment. */
const areValues = (segments: PathTemplate): boolean =>
  segments.every((segment) => segment.kind !== 'literal' || segment.text !== '');

function relateSegments(a: OneSegment, b: OneSegment): Relation {
  if (a.kind === 'literal') {
    if (b.kind === 'literal') return a.text === b.text ? 'same' : 'apart';
    return valueIn(a.text, b) === undefined ? 'apart' : 'inside';
  }
  if (b.kind === 'literal') return valueIn(b.text, a) === undefined ? 'apart' : 'around';
  const starts = relateTexts(a.before, b.before, (long, short) => long.startsWith(short));
  const ends = relateTexts(a.after, b.after, (long, short) => long.endsWith(short));
  return both(starts, ends);
}

function relateTexts(
  a: string,
  b: string,
  extend: (long: string, short: string) => boolean,
): Relation {
  if (a === b) return 'same';
  if (extend(a, b)) return 'inside';
  return extend(b, a) ? 'around' : 'apart';
}

/** Combines the relations of two parts of a path. */
function both(one: Relation, other: Relation): Relation {
  if (one === 'apart' || other === 'apart') return 'apart';
  if (one === 'same') return other;
  if (other === 'same' || one === other) return one;
  return 'crossing';
}

/** Returns the value of a parameter in a segment; undefined if the segment has another form. */
export function valueIn(
  segment: string,
  { before, after }: Extract<TemplateSegment, { kind: 'parameter' }>,
): string | undefined {
  const isLong = segment.length > before.length + after.length;
  if (!isLong || !segment.startsWith(before) || !segment.endsWith(after)) return undefined;
  return segment.slice(before.length, segment.length - after.length);
}
