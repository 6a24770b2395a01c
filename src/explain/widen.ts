import type { Json, JsonObject } from '../canonical-json.ts';
import { type Constraint, type ConstraintKind, parseConstraint } from '../capability/index.ts';

/**
 * What stands for the value in a proposed change: records have only the digest of the arguments, so
 * a person has to fill it in.
 */
const BLANK = '<value>';

/** What a blank takes: a text, a number, either, or a value as one more origin of `from`. */
export type BlankForm = 'text' | 'number' | 'scalar' | 'origin';

/** Returns what stands for the value in a change, as JSON. */
export const blankText = (form: BlankForm): string =>
  JSON.stringify(form === 'origin' ? `=${BLANK}` : BLANK);

interface Wider {
  readonly constraint: JsonObject;
  readonly form: BlankForm;
  /** A number for the blank that fits. The default fits wherever any number does. */
  readonly sample?: number;
}

/** A limit that allows one value more, or why no value can be added to it. */
export type Widened = Wider | { readonly why: string };

const isWider = (widened: Widened): widened is Wider => 'constraint' in widened;

/**
 * Returns a limit with a blank for one more value. `steps` leads from the limited argument to the
 * value that did not meet it, such as the number of an element.
 */
export function widen(limit: Constraint, steps: readonly string[]): Widened {
  const widened = widenOne(limit as unknown as JsonObject, steps);
  if (!isWider(widened)) return widened;
  return parseConstraint(JSON.parse(sampleOf(widened, JSON.stringify(widened.constraint)))).ok
    ? widened
    : { why: 'The limit has no place for one value more.' };
}

const SAMPLE = 987_654.25;

/** Returns a text with the blank filled in, to be tried. Any text is a sample of itself. */
export const sampleOf = ({ form, sample = SAMPLE }: Wider, text: string): string =>
  form === 'number' ? text.replaceAll(blankText(form), JSON.stringify(sample)) : text;

type Widen = (value: Json, steps: readonly string[], whole: JsonObject) => Widened;

function widenOne(limit: JsonObject, steps: readonly string[]): Widened {
  const [kind = ''] = Object.keys(limit);
  return KINDS[kind as ConstraintKind](limit[kind] as Json, steps, limit);
}

/** Widens what is inside a constraint. */
const inside = (
  inner: Json,
  steps: readonly string[],
  wrap: (wider: JsonObject) => JsonObject,
): Widened => {
  const widened = widenOne(inner as JsonObject, steps);
  return isWider(widened) ? { ...widened, constraint: wrap(widened.constraint) } : widened;
};

/** Exactly one value more: the smallest change of a limit that is no list. */
const orExactly =
  (form: BlankForm): Widen =>
  (_value, _steps, whole) => ({ constraint: { anyOf: [whole, { exact: BLANK }] }, form });

const formOf = (values: readonly Json[]): BlankForm => {
  if (values.every((one) => typeof one === 'string')) return 'text';
  return values.every((one) => typeof one === 'number') ? 'number' : 'scalar';
};

const listWith =
  (kind: 'oneOf' | 'subsetOf'): Widen =>
  (values) => ({
    constraint: { [kind]: [...(values as readonly Json[]), BLANK] },
    form: formOf(values as readonly Json[]),
  });

function alternativesWith(all: readonly JsonObject[]): Widened {
  const place = all.findIndex((one) => 'oneOf' in one || 'exact' in one || 'from' in one);
  const [first] = all;
  const form: BlankForm = first && ('number' in first || 'integer' in first) ? 'number' : 'scalar';
  if (place === -1) return { constraint: { anyOf: [...all, { exact: BLANK }] }, form };
  return inside(all[place] as Json, [], (wider) => ({
    anyOf: all.flatMap((one, index) => {
      if (index !== place) return [one];
      // An alternative has no alternatives of its own.
      return 'anyOf' in wider ? (wider.anyOf as readonly JsonObject[]) : [wider];
    }),
  }));
}

/** Which part a value did not meet is not recorded, so each part takes it. */
function partsWith(
  parts: readonly Json[],
  steps: readonly string[],
  wrap: (part: JsonObject) => JsonObject,
): Widened {
  const all = parts.map((part) => inside(part, steps, wrap));
  const wider = all.filter(isWider);
  const [first] = wider;
  if (!first || wider.length < all.length || wider.some(({ form }) => form !== first.form)) {
    return { why: 'Several limits hold at once, and they do not take the same value.' };
  }
  return { constraint: { allOf: wider.map(({ constraint }) => constraint) }, form: first.form };
}

/** A limit on members of the objects in a list takes one value more at the member of this name. */
function memberWith(kind: 'each' | 'eachHas', why: string): Widen {
  return (members, [, name = '']) => {
    const all = members as JsonObject;
    return Object.hasOwn(all, name)
      ? inside(all[name] as Json, [], (wider) => ({ [kind]: { ...all, [name]: wider } }))
      : { why };
  };
}

const isAllOf = (one: Json): one is { readonly allOf: readonly Json[] } =>
  typeof one === 'object' && one !== null && 'allOf' in one;

const KINDS: Readonly<Record<ConstraintKind, Widen>> = {
  exact: (value, steps, whole) =>
    typeof value === 'string' || typeof value === 'number'
      ? { constraint: { oneOf: [value, BLANK] }, form: formOf([value]) }
      : orExactly('scalar')(value, steps, whole),
  oneOf: listWith('oneOf'),
  prefix: orExactly('text'),
  suffix: orExactly('text'),
  glob: orExactly('text'),
  pathBelow: orExactly('text'),
  url: orExactly('text'),
  cidr: orExactly('text'),
  number: orExactly('number'),
  integer: orExactly('number'),
  length: orExactly('text'),
  matches: orExactly('text'),
  not: orExactly('scalar'),
  anyOf: (all) => alternativesWith(all as readonly JsonObject[]),
  publicHost: orExactly('text'),
  empty: orExactly('scalar'),
  subsetOf: listWith('subsetOf'),
  every: (inner, [, ...steps]) =>
    isAllOf(inner)
      ? partsWith(inner.allOf, steps, (part) => ({ every: part }))
      : inside(inner, steps, (wider) => ({ every: wider })),
  any: (inner, [, ...steps]) =>
    isAllOf(inner)
      ? { why: 'At least one element has to meet several limits at once.' }
      : inside(inner, steps, (wider) => ({ any: wider })),
  each: memberWith('each', 'The objects in the list have other members than the limit lists.'),
  eachHas: memberWith('eachHas', 'The objects in the list lack a member that the limit lists.'),
  orEmpty: (list, steps) => inside(list, steps, (wider) => ({ orEmpty: wider })),
  count: (range) => {
    const ends = range as { readonly min?: number; readonly max?: number };
    const [end, sample] =
      ends.max === undefined
        ? (['min', Math.max(0, (ends.min ?? 0) - 1)] as const)
        : (['max', ends.max + 1] as const);
    return { constraint: { count: { ...ends, [end]: BLANK } }, form: 'number', sample };
  },
  allOf: (parts, steps) => partsWith(parts as readonly Json[], steps, (part) => part),
  present: () => ({ why: 'The argument has to be there, with any value but null.' }),
  absent: () => ({ constraint: { optional: { exact: BLANK } }, form: 'scalar' }),
  optional: (inner, steps) => inside(inner, steps, (wider) => ({ optional: wider })),
  from: (origins) => ({
    constraint: { from: [...(origins as readonly Json[]), `=${BLANK}`] },
    form: 'origin',
  }),
};
