import { describe, expect, test } from 'vitest';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintsByPointer,
} from '../../../src/capability/index.ts';
import { boundSinks, type CatalogueTool } from '../../../src/catalogue/index.ts';

type Tool = Pick<CatalogueTool, 'action' | 'sinks' | 'datasets'>;
const openSinks = (of: Omit<Tool, 'action'>, constraints: ArgumentConstraints | undefined) =>
  boundSinks(
    { action: 'write', ...of },
    { dataset: 'files/reports', ...(constraints && { constraints }) },
    constraints?.constraints ?? {},
  )
    .filter(({ bound }) => bound === 'nothing')
    .map(({ pointer }) => pointer);

const tool = {
  datasets: [{ argument: '/path', under: 'files' }, { fixed: 'mail' }],
  sinks: ['/path', '/to/*', '/options/callback', '/amount'],
};
const names = ['path', 'to', 'options', 'amount', 'body'];
const open = (constraints: ConstraintsByPointer, listed: readonly string[] = names) =>
  openSinks(tool, { arguments: listed, constraints });

test('without constraints, every sink is open except the one that the dataset is read from', () => {
  expect(openSinks(tool, undefined)).toEqual(['/to/*', '/options/callback', '/amount']);
  expect(open({})).toEqual(['/to/*', '/options/callback', '/amount']);
});

test('a sink in an argument that no call may bring is closed', () => {
  expect(open({}, ['path', 'body'])).toEqual([]);
});

describe('a sink is closed by', () => {
  test.each<[string, ConstraintsByPointer]>([
    ['one value', { '/amount': { exact: 5 } }],
    ['a maximum', { '/amount': { number: { max: 5 } } }],
    ['a maximum for integers', { '/amount': { integer: { max: 5 } } }],
    ['an absence', { '/amount': { absent: true } }],
    ['an optional value', { '/amount': { optional: { oneOf: [5] } } }],
    ['one part of several', { '/amount': { allOf: [{ number: {} }, { integer: { max: 5 } }] } }],
  ])('%s', (_, constraints) => expect(open(constraints)).not.toContain('/amount'));

  test.each<[string, ConstraintsByPointer]>([
    ['every element', { '/to': { every: { suffix: '@acme.example' } } }],
    ['a subset', { '/to': { subsetOf: ['a'] } }],
    ['one part', { '/to': { every: { allOf: [{ length: { max: 5 } }, { oneOf: ['a'] }] } } }],
    ['a text instead of the list', { '/to': { exact: 'a' } }],
    ['an absence', { '/to': { absent: true } }],
  ])('%s of its array', (_, constraints) => expect(open(constraints)).not.toContain('/to/*'));

  test.each<[string, ConstraintsByPointer]>([
    ['a constraint on it', { '/options/callback': { cidr: '10.0.0.0/8' } }],
    ['its absence', { '/options/callback': { absent: true } }],
    ['a closed object around it', { '/options/mode': { present: true } }],
    ['the absence of the object', { '/options': { absent: true } }],
  ])('%s', (_, constraints) => expect(open(constraints)).not.toContain('/options/callback'));

  test('constraints on all members, if it is an object', () => {
    const whole = { sinks: ['/options'], datasets: [] };
    const closed = { '/options/callback': { exact: 'a' }, '/options/x': { absent: true } } as const;
    expect(openSinks(whole, { arguments: names, constraints: closed })).toEqual([]);
    const half = { ...closed, '/options/x': { present: true } } as const;
    expect(openSinks(whole, { arguments: names, constraints: half })).toEqual(['/options']);
  });
});

describe('a sink stays open with', () => {
  test.each<[string, ConstraintsByPointer]>([
    ['any value', { '/amount': { present: true } }],
    ['a minimum', { '/amount': { number: { min: 0 } } }],
    ['a minimum for integers', { '/amount': { integer: { min: 0 } } }],
    ['a length', { '/amount': { length: { max: 5 } } }],
    ['a glob of stars', { '/amount': { glob: '/**/*' } }],
    ['every absolute path', { '/amount': { pathBelow: '/' } }],
    ['every address', { '/amount': { cidr: ['10.0.0.0/8', '::/0'] } }],
    [
      'several constraints that are all open',
      { '/amount': { allOf: [{ length: { max: 5 } }, { count: {} }] } },
    ],
    ['an optional number without a maximum', { '/amount': { optional: { number: {} } } }],
    ['the absence of a neighbour', { '/options/mode': { absent: true } }],
  ])('%s', (_, constraints) => {
    const sinks = { sinks: ['/amount', '/options/callback'], datasets: [] };
    expect(openSinks(sinks, { arguments: names, constraints })).toContain(
      Object.keys(constraints)[0] === '/amount' ? '/amount' : '/options/callback',
    );
  });

  test.each<[string, ConstraintsByPointer]>([
    ['one good element', { '/to': { any: { exact: 'a' } } }],
    ['few elements', { '/to': { count: { max: 1 } } }],
    ['elements that are any number', { '/to': { every: { number: {} } } }],
    [
      'elements with two constraints that are both open',
      { '/to': { every: { allOf: [{ number: {} }, { length: {} }] } } },
    ],
  ])('%s', (_, constraints) => expect(open(constraints)).toContain('/to/*'));
});

describe('a sink of list elements is not closed by a member named *', () => {
  // New constraints on `*` are refused. Older releases may have stored some.
  test.each<[string, ConstraintsByPointer]>([
    ['its absence', { '/to/*': { absent: true } }],
    ['a constraint on it', { '/to/*': { optional: { present: true } } }],
    ['a member of it', { '/to/*/x': { optional: { present: true } } }],
  ])('%s', (_, constraints) => expect(open(constraints)).toContain('/to/*'));

  test('nor by an open member of an object instead of the list', () => {
    expect(open({ '/to/address': { optional: { present: true } } })).toContain('/to/*');
    expect(open({ '/to/address': { exact: 'a' } })).not.toContain('/to/*');
  });

  test('nor by one below its elements', () => {
    const deeper = { sinks: ['/to/*/address'], datasets: [] };
    const close = (constraints: ConstraintsByPointer) =>
      openSinks(deeper, { arguments: names, constraints });
    expect(close({ '/to/*/address': { absent: true } })).toEqual(['/to/*/address']);
    expect(close({ '/to/address': { absent: true } })).toEqual(['/to/*/address']);
    expect(close({ '/to': { every: { exact: 'a' } } })).toEqual([]);
  });
});

const PATH = [{ argument: '/path', under: 'files' }];

describe("a constraint of the request does not count as the policy's", () => {
  const boundOf = (asked: ConstraintsByPointer, required: ConstraintsByPointer = {}) =>
    boundSinks(
      // The other sink is one that every call must bring.
      { action: 'write', sinks: ['/to', '/path'], datasets: PATH },
      {
        dataset: 'files/a',
        constraints: { arguments: names, constraints: { ...asked, ...required } },
      },
      required,
    )[0]?.bound;

  const WIDE: readonly Constraint[] = [
    { matches: '.*' },
    { matches: '(?s).*' },
    { matches: 'https://.*' },
    { matches: '[^@]+@[^@]+' },
    { matches: '[a-z]+://[a-z.]+/.*|GB1' },
    { prefix: 'h' },
    { prefix: 'https:' },
    { prefix: 'gopher:' },
    { suffix: 'm' },
    { suffix: '.com' },
    { glob: '**/*' },
    { glob: '*.*' },
    { glob: '/*/**' },
    { cidr: ['0.0.0.0/1', '128.0.0.0/1'] },
    { cidr: '10.0.0.0/7' },
    { cidr: '2000::/3' },
    { pathBelow: '/' },
    { number: {} },
    { number: { min: 0 } },
    { length: { max: 9 } },
    { every: { matches: '.*' } },
    { every: { allOf: [{ length: { max: 99 } }, { prefix: 'h' }] } },
    { optional: { matches: '.*' } },
    { allOf: [{ matches: '.+' }, { suffix: 'e' }] },
  ];
  test.each(WIDE.map((one) => [JSON.stringify(one), one] as const))(
    '%s bounds nothing, even in a policy',
    (_, constraint) => {
      expect(boundOf({ '/to': constraint })).toBe('nothing');
      expect(boundOf({}, { '/to': constraint })).toBe('nothing');
    },
  );

  const POLICY_ONLY: readonly Constraint[] = [
    { matches: '[a-z.]+@acme\\.example' },
    { prefix: 'GB' },
    { suffix: '@acme.example' },
    { glob: 'reports/**' },
    { url: { schemes: ['https'], hostSuffix: 'acme.example' } },
    { number: { max: 5 } },
    { every: { suffix: '@acme.example' } },
    { allOf: [{ length: { max: 9 } }, { prefix: 'GB' }] },
  ];
  test.each(POLICY_ONLY.map((one) => [JSON.stringify(one), one] as const))(
    '%s bounds only in a policy',
    (_, constraint) => {
      expect(boundOf({ '/to': constraint })).toBe('nothing');
      expect(boundOf({}, { '/to': constraint })).toBe('policy');
    },
  );

  const BOUNDED: readonly Constraint[] = [
    { exact: 'https://evil.example/' },
    { oneOf: ['a', 'b'] },
    { subsetOf: ['a'] },
    { every: { exact: 'a' } },
    { pathBelow: 'reports' },
    { cidr: ['10.0.0.0/8', 'fd00::/8', 'fe80::/10'] },
    { url: { schemes: ['https'], host: 'evil.example' } },
    { number: { min: 0, max: 5 } },
    { optional: { integer: { min: 0, max: 5 } } },
  ];
  test.each(BOUNDED.map((one) => [JSON.stringify(one), one] as const))(
    '%s bounds, and its author is reported',
    (_, constraint) => {
      expect(boundOf({ '/to': constraint })).toBe('request');
      expect(boundOf({}, { '/to': constraint })).toBe('policy');
    },
  );

  test('a sink that no call can bring is absent, whether the policy or the request excludes it', () => {
    expect(boundOf({ '/to': { absent: true } })).toBe('absent');
    expect(boundOf({}, { '/to': { absent: true } })).toBe('absent');
    const without = { arguments: ['body'], constraints: {} };
    const sinks = { action: 'write', sinks: ['/path', '/to', '/to/*'], datasets: PATH } as const;
    expect(boundSinks(sinks, { dataset: 'files/a', constraints: without }, {})).toEqual([
      { pointer: '/path', bound: 'dataset' },
      { pointer: '/to', bound: 'absent' },
      { pointer: '/to/*', bound: 'absent' },
    ]);
  });

  test('without constraints, only the dataset bounds', () => {
    const files = { action: 'write', ...tool } as const;
    expect(boundSinks(files, { dataset: 'files/a' }, {}).map(({ bound }) => bound)).toEqual([
      'dataset',
      'nothing',
      'nothing',
      'nothing',
    ]);
  });

  test("a bound that the request completes counts as the request's", () => {
    const sink = { action: 'write', sinks: ['/options'], datasets: [] } as const;
    const required: ConstraintsByPointer = { '/options/mode': { optional: { present: true } } };
    const constraints = {
      arguments: names,
      constraints: { '/options/mode': { exact: 'a' } },
    } as const;
    const given = { dataset: 'files/a', constraints };
    expect(boundSinks(sink, given, required)).toEqual([{ pointer: '/options', bound: 'request' }]);
  });
});

describe('a sink that a dataset is read from', () => {
  const deleting = { action: 'delete', sinks: ['/path'], datasets: PATH } as const;
  const boundOf = (dataset: string, constraints?: ArgumentConstraints, required = {}) =>
    boundSinks(deleting, { dataset, ...(constraints && { constraints }) }, required)[0]?.bound;
  const pinned = { arguments: ['path'], constraints: { '/path': { exact: 'a.md' } } } as const;

  test('is open if all of the root, or a dataset above it, is granted', () => {
    const deep = { ...deleting, datasets: [{ argument: '/path', under: 'drive/files' }] };
    for (const dataset of ['drive/files', 'drive']) {
      expect(boundSinks(deep, { dataset }, {})).toEqual([{ pointer: '/path', bound: 'nothing' }]);
    }
    for (const dataset of ['drive/files/a', 'drive/files-archive', 'drive/other', 'mail']) {
      expect(boundSinks(deep, { dataset }, {})).toEqual([{ pointer: '/path', bound: 'dataset' }]);
    }
  });

  test('is then bounded by constraints, whose author is reported', () => {
    expect(boundOf('files', pinned)).toBe('request');
    expect(boundOf('files', pinned, pinned.constraints)).toBe('policy');
    expect(boundOf('files/a', pinned)).toBe('dataset');
  });

  test('is open if all of one of its two roots is granted', () => {
    const twice = {
      ...deleting,
      datasets: [...PATH, { argument: '/path', under: 'mirror' }],
    };
    expect(boundSinks(twice, { dataset: 'mirror' }, {})[0]?.bound).toBe('nothing');
    expect(boundSinks(twice, { dataset: 'files/a' }, {})[0]?.bound).toBe('dataset');
  });
});

describe('a write whose sinks are all optional', () => {
  const post = {
    action: 'write',
    sinks: ['/channel', '/thread'],
    datasets: [{ fixed: 'chat' }],
  } as const;
  const listed = ['channel', 'thread', 'text'];
  const boundsOf = (
    constraints: ConstraintsByPointer,
    required: ConstraintsByPointer,
    of: Tool = post,
  ) =>
    boundSinks(
      of,
      { dataset: 'chat', constraints: { arguments: listed, constraints } },
      required,
    ).map(({ bound }) => bound);
  const lax = { '/channel': { optional: { exact: '#a' } }, '/thread': { absent: true } } as const;

  test('is open, because a call can leave all of them out', () => {
    expect(boundsOf(lax, lax)).toEqual(['nothing', 'absent']);
    expect(boundsOf(lax, {})).toEqual(['nothing', 'nothing']);
    expect(boundsOf({}, {})).toEqual(['nothing', 'nothing']);
    const none = { '/channel': { absent: true }, '/thread': { absent: true } } as const;
    expect(boundsOf(none, {})).toEqual(['nothing', 'nothing']);
  });

  test('is closed if every call must bring one of them', () => {
    const strict = { ...lax, '/channel': { exact: '#a' } } as const;
    expect(boundsOf(strict, strict)).toEqual(['policy', 'absent']);
    expect(boundsOf(strict, {})).toEqual(['request', 'absent']);
  });

  test('is closed if the policy itself requires all of them to be absent', () => {
    const none = { '/channel': { absent: true }, '/thread': { absent: true } } as const;
    expect(boundsOf(none, none)).toEqual(['absent', 'absent']);
  });

  test('is judged differently from a read', () => {
    expect(boundsOf(lax, lax, { ...post, action: 'read' })).toEqual(['policy', 'absent']);
  });
});
