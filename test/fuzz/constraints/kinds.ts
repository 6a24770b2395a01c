/** For each kind: constraints of it, and values that they allow, to start mutating from. */
import fc from 'fast-check';
import type { Json } from '../../../src/canonical-json.ts';
import type { Constraint, ValueConstraint } from '../../../src/capability/index.ts';

export interface Sample<C extends Constraint = Constraint> {
  readonly constraint: C;
  readonly allowed: readonly Json[];
}

type Samples<C extends Constraint = Constraint> = fc.Arbitrary<Sample<C>>;

const texts = fc.constantFrom(
  ...['GB1', 'GB2', '', ' ', '9000', 'true', 'null', 'é', 'straße', '😀', 'x"); allow if true; //'],
  ...['a@acme.example', 'reports/q3.md', 'https://api.example/v1', '10.0.0.1', '{p0}', '$v'],
);
const someTexts = fc.uniqueArray(texts, { minLength: 1, maxLength: 4 });
const numbers = fc.constantFrom(0, 1, -1, 0.5, 50, 50.25, 9000, -0.000001, 9_223_372_036_854);
const someNumbers = fc.uniqueArray(numbers, { minLength: 1, maxLength: 3 });

const exact = fc
  .oneof(texts, numbers, fc.constantFrom(true, false, null))
  .map((value) => ({ constraint: { exact: value }, allowed: [value] }));

const oneOf = fc
  .oneof(someTexts, someNumbers)
  .map((values) => ({ constraint: { oneOf: values }, allowed: values }));

const edges = fc.constantFrom('GB', 'x', '@acme.example', 'é', '😀', ' ', '.md', '%', 'refs-');
const prefix = edges.map((edge) => ({
  constraint: { prefix: edge },
  allowed: [edge, `${edge}1`, `${edge}${edge}`, `${edge}\u00e9`],
}));
const suffix = edges.map((edge) => ({
  constraint: { suffix: edge },
  allowed: [edge, `1${edge}`, `${edge}${edge}`],
}));

const GLOBS: Readonly<Record<string, readonly string[]>> = {
  'reports/*.md': ['reports/q3.md', 'reports/.md', 'reports/a/b.md'],
  'reports/**': ['reports', 'reports/q3.md', 'reports/a/b', 'reportsx', 'x/reports/a'],
  '**/*.md': ['q3.md', 'a/b/q3.md', '/q3.md', 'q3.mdx'],
  '**': ['a', 'a/b', '/a/b', 'a/../b'],
  '/**': ['/a', '/a/b', 'a'],
  '/srv/**/log': ['/srv/log', '/srv/a/b/log', '/srv/alog', 'srv/log'],
  'a/**/**/b': ['a/b', 'a/x/b', 'a/x/y/b', 'ab'],
  '*@acme.example': ['a@acme.example', '@acme.example', 'a/b@acme.example', 'a@acmeXexample'],
  '*': ['a', 'a.b', 'a/b', '.hidden'],
  '*/**': ['a', 'a/b', '/a', '/etc/passwd', 'a/b/c'],
  '*/*': ['a/b', '/a', 'a', '/a/b'],
  '*/**/*.md': ['a/b.md', 'a/b/c.md', '/b.md', '/a/b.md', 'b.md'],
  '**/*/**': ['a', 'a/b', '/a', '/a/b'],
  '/*/**': ['/a', '/a/b', 'a/b', '//a'],
  '*/*a': ['x/a', 'x/ba', '/a', '/x/a'],
  'a+(b)/*/c': ['a+(b)/x/c', 'aab/x/c', 'a+(b)//c', 'a+(b)/x/y/c'],
};
const ROOTED = ['/', '//', 'C:/', 'c:', '~/', './', '../', '\\', '\\\\host\\', '/./', '%2f'];
const rooted = (paths: readonly string[]): readonly string[] =>
  paths.flatMap((path) => [path, ...ROOTED.map((root) => root + path)]);

const segment = fc.constantFrom('*', '**', 'a', '*a', 'a*', '.*', '*.md', 'a+(b)');
const built = fc
  .tuple(fc.boolean(), fc.array(segment, { minLength: 1, maxLength: 4 }))
  .map(([absolute, segments]) => (absolute ? '/' : '') + segments.join('/'))
  .map((pattern) => ({
    constraint: { glob: pattern },
    allowed: rooted([
      ...['a', 'a/a', 'xa/.b/c.md', 'etc/passwd', 'a+(b)/a'],
      pattern.replace(/^\//, '').replaceAll('**', 'x/y').replaceAll('*', 'z'),
      pattern
        .replace(/^\//, '')
        .replaceAll(/\*\*\/?/g, '')
        .replaceAll('*', 'z') || 'a',
    ]),
  }));
const listed = fc
  .constantFrom(...Object.keys(GLOBS))
  .map((pattern) => ({ constraint: { glob: pattern }, allowed: GLOBS[pattern] ?? [] }));
const glob = fc.oneof(listed, built);

const pathBelow = fc.constantFrom('reports', '/srv/data', 'a/b', '/', 'x y').map((root) => ({
  constraint: { pathBelow: root },
  allowed: [root, `${root}/x`, `${root}/x/y.md`, `${root}/é`, root === '/' ? '/x' : `${root}/.x`],
}));

const SCHEMES = ['http', 'https', 'ws', 'wss', 'ftp'] as const;
const HOSTS = [
  'api.example',
  'eu.api.example',
  '127.0.0.1',
  '[::1]',
  'xn--bcher-kva.example',
  'a_b',
];
const url = fc
  .record({
    schemes: fc.uniqueArray(fc.constantFrom(...SCHEMES), { minLength: 1, maxLength: 2 }),
    name: fc.oneof(
      fc.record({ host: fc.constantFrom(...HOSTS) }),
      fc.record({ hostSuffix: fc.constantFrom('api.example', 'eu.api.example') }),
    ),
    port: fc.option(fc.constantFrom(443, 80, 8443), { nil: undefined }),
    pathBelow: fc.option(fc.constantFrom('/', '/v1', '/v1/a%20b'), { nil: undefined }),
  })
  .map(({ schemes, name, port, pathBelow: below }) => {
    const host = 'host' in name ? name.host : name.hostSuffix;
    const start = `${schemes[0]}://${host}${port === undefined ? '' : `:${port}`}`;
    const path = below === undefined || below === '/' ? '' : below;
    const optional = {
      ...(port !== undefined && { port }),
      ...(below !== undefined && { pathBelow: below }),
    };
    return {
      constraint: { url: { schemes, ...name, ...optional } },
      allowed: [
        ...[`${start}${path}`, `${start}${path}/x`, `${start}${path}/x?y=z#w`, `${start}${path}x`],
        ...[`${schemes.at(-1)}://eu.${host}${path}/`, start.toUpperCase() + path],
        ...[start.replace(host, `${host}.`) + path, start.replace(host, `u@${host}`) + path],
        start.replace(host, `${host}%2e`) + path,
      ],
    };
  });

const RANGES: Readonly<Record<string, readonly string[]>> = {
  '10.0.0.0/8': ['10.0.0.1', '10.255.255.255', '11.0.0.0', '9.255.255.255'],
  '10.0.2.0/23': ['10.0.2.0', '10.0.3.255', '10.0.4.0', '10.0.1.255'],
  '192.0.2.7/32': ['192.0.2.7', '192.0.2.8', '192.0.2.6'],
  '0.0.0.0/0': ['0.0.0.0', '255.255.255.255', '::'],
  'fd00::/8': ['fd00::1', 'FD12:0:0::1', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fe00::'],
  '2001:db8::/33': ['2001:db8::', '2001:db8:7fff::1', '2001:db8:8000::'],
  '::/0': ['::', '::1', '1::', '::ffff:1.2.3.4', '::ffff:102:304', '10.0.0.1'],
  '::1/128': ['::1', '0:0:0:0:0:0:0:1', '::2', '::0001'],
};
const range = fc.constantFrom(...Object.keys(RANGES));
const cidr = fc
  .oneof(range, fc.uniqueArray(range, { minLength: 1, maxLength: 3 }))
  .map((ranges) => ({
    constraint: { cidr: ranges },
    allowed: [ranges].flat().flatMap((each) => RANGES[each] ?? []),
  }));

const ends = fc
  .tuple(numbers, numbers)
  .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
const range_ = fc
  .tuple(ends, fc.constantFrom('both', 'min', 'max', 'none'))
  .map(([{ min, max }, kept]) => ({
    limits: {
      ...(kept !== 'max' && kept !== 'none' && { min }),
      ...(kept !== 'min' && kept !== 'none' && { max }),
    },
    allowed: [min, max, Math.trunc((min + max) / 2), min + 0.000001],
  }));
const number = range_.map(({ limits, allowed }) => ({ constraint: { number: limits }, allowed }));
const integer = range_
  .filter(({ limits }) => Object.values(limits).every(Number.isInteger))
  .map(({ limits, allowed }) => ({ constraint: { integer: limits }, allowed }));

const counts = fc
  .tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([min, more, kept]) => ({
    ...(kept !== 1 && { min }),
    ...(kept !== 2 && { max: min + more }),
  }));
const length = counts.map((limits) => ({
  constraint: { length: limits },
  allowed: ['', 'a', '😀', 'ab', '😀é', 'e\u0301', '👩‍👧', 'abcdef', '😀😀😀😀'],
}));
const count = counts.map((limits) => ({
  constraint: { count: limits },
  allowed: [[], [1], ['a', 'b'], [1, 1, 1], [[], [], []], [null, {}, 'x', 1], [1, 2, 3, 4, 5, 6]],
}));

// Without classes by name, which are Unicode's in the engine and ASCII's in the naive predicate.
const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  'GB[0-9]+': ['GB1', 'GB22', 'GB', 'xGB1', 'GB1\n'],
  'a|b': ['a', 'b', 'ab', 'ac'],
  '[a-z.]+@acme\\.example': ['a.b@acme.example', 'a@acmexexample', 'b,a@acme.example'],
  '': ['', 'x'],
  '(?:ab)*': ['', 'abab', 'aba'],
  '.{2,3}': ['ab', '😀😀', 'abcd', 'a\n'],
  '[^@]*': ['x', '', 'a@b', 'é'],
};
const matches = fc
  .constantFrom(...Object.keys(PATTERNS))
  .map((pattern) => ({ constraint: { matches: pattern }, allowed: PATTERNS[pattern] ?? [] }));

export const VALUES = {
  exact,
  oneOf,
  prefix,
  suffix,
  glob,
  pathBelow,
  url,
  cidr,
  number,
  integer,
  length,
  matches,
} as const satisfies Record<string, Samples<ValueConstraint>>;

const value: Samples<ValueConstraint> = fc.oneof(
  ...(Object.values(VALUES) as Samples<ValueConstraint>[]),
);
const element = fc.oneof(
  { weight: 3, arbitrary: value },
  {
    weight: 1,
    arbitrary: fc.tuple(value, value).map(([a, b]) => ({
      constraint: { allOf: [a.constraint, b.constraint] },
      allowed: [...a.allowed, ...b.allowed],
    })),
  },
);

const inLists = (allowed: readonly Json[]): readonly Json[] => [
  ...allowed.map((each) => [each]),
  [...allowed],
  allowed.slice(0, 2),
  [],
];

const subsetOf = fc.oneof(someTexts, someNumbers).map((values) => ({
  constraint: { subsetOf: values },
  allowed: [...inLists(values), [values[0] ?? '', values[0] ?? '']],
}));
const every = element.map(({ constraint, allowed }) => ({
  constraint: { every: constraint },
  allowed: inLists(allowed),
}));
const any = element.map(({ constraint, allowed }) => ({
  constraint: { any: constraint },
  allowed: [...inLists(allowed), [5, null, ...allowed], ['x', ...allowed, [1]]],
}));
export const LISTS = { subsetOf, every, any, count } as const;

const part = fc.oneof(value, subsetOf, every, any, count);
const allOf: Samples = fc.array(part, { minLength: 1, maxLength: 2 }).map((parts) => ({
  constraint: { allOf: parts.map(({ constraint }) => constraint) },
  allowed: parts.flatMap(({ allowed }) => allowed),
}));
const present: Samples = fc.constant({
  constraint: { present: true },
  allowed: [0, '', [], {}, false, [null], { x: 1 }],
});
const inner: fc.Arbitrary<Sample> = fc.oneof(part, allOf, present);

export const KINDS: Readonly<Record<string, Samples>> = {
  ...VALUES,
  ...LISTS,
  allOf,
  present,
  optional: inner.map(({ constraint, allowed }) => ({
    constraint: { optional: constraint } as Constraint,
    allowed,
  })),
  absent: fc.constant({ constraint: { absent: true }, allowed: [null, '', 0] }),
};
