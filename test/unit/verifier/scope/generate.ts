import fc from 'fast-check';
import type { Json, JsonObject } from '../../../../src/canonical-json.ts';
import type { Constraint, Grant, Narrowing } from '../../../../src/capability/index.ts';
import type { ScopeColumns } from '../../../../src/verifier/index.ts';

/** Random tokens, requests and rows for retrievals. */

export const TOOL = 'docs.search';
const NAMES = ['filter', 'limit', 'owner', 'price', 'secret'];

/** Pitfalls of prefix matching: siblings, case, wildcards of `LIKE` and `GLOB`, composed letters. */
const DATASETS = [
  'docs',
  'docs/eu',
  'docs/eu/100',
  'docs/eu_1',
  'docs/euX1',
  'docs/eu2',
  'docs/eu/1/2/3',
  'Docs/eu',
  'docs/EU',
  'docs/é',
  'docs/é/x',
  'docs/e',
  'docs/🏠'.replace('🏠', '中'),
  'other/docs/eu',
];
const INVALID_DATASETS = [
  'docs/eu/',
  'docs//eu',
  'docs/eu/../us',
  '',
  '/docs/eu',
  'docs/e\u0301/x',
];
const TEXTS = [
  'GB1',
  'GB12',
  'gb1',
  'GB',
  'a/b',
  'a/b/c',
  'a/bc',
  '/a',
  '%',
  'GB_',
  'x',
  '',
  'é',
  'é1',
];
/** Text that no declared form allows: an ambiguous URL, a hidden character, letters not composed. */
const WILD_TEXTS = [
  'https://a/%2e%2e/b',
  'GB\u200b1',
  'e\u0301',
  'GB1\n',
  "'; DROP TABLE rows; --",
  '中',
];
const NUMBERS = [
  0,
  -1,
  1,
  1.5,
  50,
  50.000001,
  50.0000001,
  100,
  0.1 + 0.2,
  1e13,
  9_007_199_254_740_992,
];

export type Row = Readonly<Record<'dataset' | 'owner' | 'kind' | 'price' | 'secret', Json>>;

/** A column of text without a form has what it likes. */
export const COLUMNS = {
  dataset: 'dataset',
  arguments: {
    '/owner': { name: 'owner', form: 'path' },
    '/filter/kind': 'kind',
    '/price': { name: 'price', type: 'number' },
    '/secret': { name: 'secret', type: 'boolean' },
  },
} as const satisfies ScopeColumns;

const dataset = fc.constantFrom(...DATASETS);
const root = fc.oneof(fc.constantFrom('docs', 'docs/eu'), dataset);
const orNull = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: value }, fc.constant(null));

export const row: fc.Arbitrary<Row> = fc.record({
  dataset,
  owner: orNull(fc.constantFrom(...TEXTS.filter((text) => !['', '%'].includes(text)))),
  kind: orNull(fc.constantFrom(...TEXTS, ...WILD_TEXTS)),
  price: orNull(fc.oneof(fc.constantFrom(...NUMBERS), fc.double({ noNaN: true }))),
  secret: orNull(fc.boolean()),
});

/** Rows that no honest index has. */
export const oddRow: fc.Arbitrary<Row> = fc.record({
  dataset: fc.oneof(dataset, fc.constantFrom(...INVALID_DATASETS, 1, null, true)),
  owner: fc.constantFrom<Json>(...TEXTS, ...WILD_TEXTS, 1, true, null),
  kind: fc.constantFrom<Json>(...TEXTS, ...WILD_TEXTS, 1, true, null),
  price: fc.constantFrom<Json>(...NUMBERS, '50', true, null),
  secret: fc.constantFrom<Json>(true, false, 0, 1, 'true', null),
});

const value = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const texts = fc.oneof(
  value<Constraint>(
    { exact: 'GB1' },
    { exact: 'é' },
    { exact: "'; DROP TABLE rows; --" },
    { exact: null },
  ),
  value<Constraint>({ oneOf: ['GB1', 'x', 'https://a/%2e%2e/b'] }, { present: true }),
  value<Constraint>(
    { anyOf: [{ exact: 'GB1' }, { exact: null }] },
    { anyOf: [{ oneOf: ['x', 'GB'] }, { exact: 5 }] },
  ),
  value<Constraint>({ not: { exact: 'GB1' } }, { empty: true }, { not: { oneOf: ['x'] } }),
  fc.subarray(TEXTS, { minLength: 1 }).map((oneOf): Constraint => ({ oneOf })),
);
const formed = value<Constraint>(
  { prefix: 'GB' },
  { prefix: 'é' },
  { suffix: '1' },
  { pathBelow: 'a' },
  { pathBelow: 'a/b' },
  { pathBelow: '/' },
  { allOf: [{ prefix: 'GB' }, { oneOf: ['GB1', 'GB12', 'x'] }] },
  { anyOf: [{ prefix: 'GB' }, { pathBelow: 'a' }] },
);
const numbers = fc.oneof(
  value<Constraint>({ exact: 50 }, { exact: 1.5 }, { oneOf: [0, 1, 50.000001] }, { present: true }),
  value<Constraint>({ number: { max: 50 } }, { number: { min: 1, max: 50 } }, { integer: {} }),
  value<Constraint>({ integer: { min: 0 } }, { number: {} }, { number: { min: -1 } }),
  value<Constraint>({ anyOf: [{ number: { max: 0 } }, { exact: 50 }] }, { not: { exact: 50 } }),
);
const booleans = value<Constraint>({ exact: true }, { exact: false }, { present: true });
const maybe = (constraint: fc.Arbitrary<Constraint>): fc.Arbitrary<Constraint> =>
  fc.oneof(
    { weight: 6, arbitrary: constraint },
    constraint.map(
      (one): Constraint => ('optional' in one || 'absent' in one ? one : { optional: one }),
    ),
    value<Constraint>({ absent: true }, { optional: { exact: null } }),
  );

/** At most two of them, so that many rows meet all. `isFormed`: with those that need a form. */
const constraints = (isFormed: boolean): fc.Arbitrary<Readonly<Record<string, Constraint>>> =>
  fc
    .tuple(
      fc.record({
        '/owner': maybe(isFormed ? fc.oneof(texts, formed) : texts),
        '/filter/kind': maybe(texts.filter((one) => !('present' in one))),
        '/price': maybe(numbers),
        '/secret': maybe(booleans),
        '/limit': maybe(value<Constraint>({ integer: { min: 1, max: 10 } })),
      }),
      fc.subarray(['/owner', '/filter/kind', '/price', '/secret', '/limit'] as const, {
        minLength: 1,
        maxLength: 2,
      }),
    )
    .map(([all, kept]) => Object.fromEntries(kept.map((pointer) => [pointer, all[pointer]])));

/** What a token says, and what is asked of it. */
export interface Sample {
  readonly grants: readonly Grant[];
  readonly narrowings: readonly Narrowing[];
  readonly asked: readonly string[];
  readonly args: JsonObject;
}

const few = <T>(item: fc.Arbitrary<T>, maxLength: number) =>
  fc.uniqueArray(item, { minLength: 1, maxLength, selector: (one) => JSON.stringify(one) });

export const sample = (isFormed: boolean): fc.Arbitrary<Sample> =>
  fc
    .record({
      granted: few(root, 4),
      allowed: fc.option(constraints(isFormed), { nil: undefined }),
      narrowings: fc.array(
        fc
          .record(
            {
              dataset: few(root, 3),
              constraints: constraints(isFormed),
              tool: value(TOOL, TOOL, TOOL, 'docs.write'),
              action: value('read' as const),
            },
            { requiredKeys: [] },
          )
          .filter((one) => Object.keys(one).length > 0),
        { maxLength: 2 },
      ),
      asked: few(root, 2),
      args: value<JsonObject>(
        { limit: 5 },
        { limit: 5 },
        {},
        { limit: 50 },
        { owner: 'GB1' },
        { filter: {} },
      ),
    })
    .map(({ granted, allowed, ...rest }) => {
      const constrained = allowed && { constraints: { arguments: NAMES, constraints: allowed } };
      const grants = granted.map(
        (name): Grant => ({ tool: TOOL, action: 'read', dataset: name, ...constrained }),
      );
      const other: Grant = { tool: 'docs.write', action: 'write', dataset: 'docs' };
      return { ...rest, grants: [...grants, other] };
    });

/** The pointers whose columns are passed: those that the token bounds, other than by absence. */
export function boundedPointers({ grants, narrowings }: Sample): ReadonlySet<string> {
  const all = [
    ...grants.map(({ constraints: one }) => one?.constraints ?? {}),
    ...narrowings.map(({ constraints: one }) => one ?? {}),
  ];
  const pointers = all
    .flatMap((one) => Object.entries(one))
    .flatMap(([pointer, constraint]) => ('absent' in constraint ? [] : [pointer]));
  return new Set(pointers.filter((pointer) => pointer in COLUMNS.arguments));
}

/** The arguments of the call that reads a row. */
export function argsOf({ args }: Sample, read: Row, pointers: ReadonlySet<string>): JsonObject {
  const changed: Record<string, Json> = { ...args };
  const passed = (pointer: string) => pointers.has(pointer);
  if (passed('/owner')) changed.owner = read.owner;
  if (passed('/price')) changed.price = read.price;
  if (passed('/secret')) changed.secret = read.secret;
  if (passed('/filter/kind')) changed.filter = { ...(args.filter as object), kind: read.kind };
  return changed;
}
