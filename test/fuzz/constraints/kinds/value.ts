import fc from 'fast-check';
import type { Json } from '../../../../src/canonical-json.ts';
import {
  type ElementConstraint,
  parseConstraint,
  type UrlConstraint,
  type ValueConstraint,
} from '../../../../src/capability/index.ts';
import { ADDRESSES, isAddress } from './address.ts';
import type { Models, Sample, Samples } from './model.ts';
import { NUMBERS } from './number.ts';
import { from } from './origin.ts';
import { isPath, PATHS } from './path.ts';
import { isPublicText } from './public.ts';
import { isPlainText, TEXTS } from './text.ts';
import { isUrl, URLS } from './url.ts';

/** A kind of `VALUE_KINDS` without a model does not compile. */
const SIMPLE: Models<Exclude<ValueConstraint, Composed>> = {
  ...TEXTS,
  ...PATHS,
  ...URLS,
  ...ADDRESSES,
  ...NUMBERS,
};
type Composed =
  | { readonly not: unknown }
  | { readonly publicHost: true }
  | { readonly from: unknown }
  | { readonly anyOf: unknown }
  | { readonly empty: true };
type Simple = Exclude<ValueConstraint, Composed>;

const simple: fc.Arbitrary<{ readonly constraint: Simple; readonly values: readonly Json[] }> =
  fc.oneof(...Object.values(SIMPLE).map(({ samples }) => samples as Samples<Simple>));
const simpleOf = (...kinds: readonly (keyof typeof SIMPLE)[]) =>
  fc.oneof(...kinds.map((kind) => SIMPLE[kind].samples as Samples<Simple>));

/** What a value must be for `not` to be about it, besides not meeting the constraint inside. */
const HAS_FORM: Readonly<Record<keyof typeof SIMPLE, (value: Json, wanted: never) => boolean>> = {
  exact: (value, wanted) =>
    typeof value === typeof wanted && (typeof value !== 'string' || isPlainText(value)),
  oneOf: (value, [first]: readonly Json[]) =>
    typeof value === typeof first && (typeof value !== 'string' || isPlainText(value)),
  prefix: isPlainText,
  suffix: isPlainText,
  matches: isPlainText,
  glob: isPath,
  pathBelow: isPath,
  url: (value, wanted: UrlConstraint) => isUrl(value, wanted.query !== undefined),
  cidr: isAddress,
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  length: (value) => typeof value === 'string',
};

const isNothing = (value: Json): boolean =>
  value === null || value === '' || ['[]', '{}'].includes(JSON.stringify(value));

const not: Samples<Extract<ValueConstraint, { not: unknown }>> = simple
  .filter(({ constraint }) => parseConstraint({ not: constraint }).ok)
  .chain(({ constraint, values: inside }) =>
    simple.map((other) => ({
      constraint: { not: constraint },
      // Of the same type and form, and others.
      values: [...inside.flatMap((value) => [value, ...others(value)]), ...other.values],
    })),
  );

const others = (value: Json): readonly Json[] =>
  typeof value === 'string'
    ? [`${value}z`, `z${value}`, 'zz', 'https://zz.example/', '192.0.2.99', `${value}\u200b`]
    : typeof value === 'number'
      ? [value + 1, value - 1, value + 0.5]
      : [true, false];

const empty: Samples<Extract<ValueConstraint, { empty: true }>> = fc.constant({
  constraint: { empty: true },
  values: [null, '', [], {}, 0, false, ' ', [null], ['']],
});
type Alternatives = Extract<ValueConstraint, { anyOf: unknown }>;
type PublicHost = Extract<ValueConstraint, { publicHost: true }>;
const publicHost: Samples<PublicHost> = fc.constant<Sample<PublicHost>>({
  constraint: { publicHost: true },
  values: [
    ...['a.example', 'A.Example.', '8.8.8.8', '2606:4700::1111', 'x.localhost', 'localhost', 'a'],
    ...['10.0.0.1', '127.0.0.1', '169.254.169.254', '::1', 'fd00::1', 'db.internal', '127.1'],
    ...[
      '1.0x7f',
      '0x7f.1',
      '100.64.0.1',
      'a.example:80',
      'https://a.example/',
      'a..example',
      '1.2',
    ],
    ...['2001:db8::1', '::ffff:8.8.8.8', '64:ff9b::808:808', 'a.home.arpa', 'x.onion', '[::1]'],
  ],
});
const alternative = fc.oneof(
  { weight: 3, arbitrary: simple },
  // The kinds with facts of their own multiply.
  { weight: 2, arbitrary: simpleOf('url', 'cidr', 'integer') },
  { weight: 2, arbitrary: not },
  { weight: 1, arbitrary: empty },
  { weight: 1, arbitrary: publicHost },
  { weight: 1, arbitrary: from.samples },
);
const anyOf: Samples<Alternatives> = fc
  .array(alternative, { minLength: 1, maxLength: 4 })
  .map((all) => ({
    constraint: { anyOf: all.map(({ constraint }) => constraint) } as Alternatives,
    values: all.flatMap((one) => one.values as readonly Json[]),
  }));

export const VALUES: Models<ValueConstraint> = {
  ...SIMPLE,
  not: {
    samples: not,
    isMet: (value, inside) => {
      const [[name, wanted] = ['' as never]] = Object.entries(inside);
      const hasForm = HAS_FORM[name as keyof typeof SIMPLE];
      return hasForm(value, wanted as never) && !meetsOne(SIMPLE, value, inside);
    },
  },
  anyOf: {
    samples: anyOf,
    isMet: (value, all) => all.some((one) => meetsOne(VALUES, value, one)),
  },
  from,
  publicHost: { samples: publicHost, isMet: isPublicText },
  empty: { samples: empty, isMet: isNothing },
};

export const values: Samples<ValueConstraint> = fc.oneof(
  ...Object.values(VALUES).map(({ samples }) => samples as Samples<ValueConstraint>),
);

export interface ElementSample {
  readonly constraint: ElementConstraint;
  readonly values: readonly Json[];
}

export const elements: fc.Arbitrary<ElementSample> = fc.oneof(
  { weight: 3, arbitrary: values as fc.Arbitrary<ElementSample> },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.oneof(simple, not, from.samples), simple).map(([a, b]) => ({
      constraint: { allOf: [a.constraint, b.constraint] },
      values: [...a.values, ...b.values],
    })),
  },
);

/** Whether the value meets the constraint, according to the model of its kind. */
export function meetsOne(
  models: Readonly<Record<string, { readonly isMet: (value: Json, wanted: never) => boolean }>>,
  value: Json,
  constraint: object,
): boolean {
  const [[name, wanted] = ['', undefined]] = Object.entries(constraint);
  const model = models[name];
  if (!model) throw new Error(`no model of ${name}`);
  return model.isMet(value, wanted as never);
}

export const meetsElement = (value: Json, element: ElementConstraint): boolean =>
  'allOf' in element
    ? element.allOf.every((part) => meetsOne(VALUES, value, part))
    : meetsOne(VALUES, value, element);
