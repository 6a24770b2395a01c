import { describe, expect, test } from 'vitest';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintsByPointer,
} from '../../../src/capability/index.ts';
import { boundSinks } from '../../../src/catalogue/index.ts';
import { names, open, openSinks, type Tool, tool } from './open-sinks.ts';

test('without constraints, every sink is open except the one that the dataset is read from', () => {
  expect(openSinks(tool, undefined)).toEqual(['/to/*', '/options/callback', '/amount']);
  expect(open({})).toEqual(['/to/*', '/options/callback', '/amount']);
});

test('a sink in an argument that no call may bring is closed', () => {
  expect(open({}, ['path', 'body'])).toEqual([]);
});

test('null and an empty text or list at a sink are no destination', () => {
  const EMPTY_LIST = { allOf: [{ count: { max: 0 } }, { every: { exact: '' } }] } as Constraint;
  for (const nothing of [{ exact: null }, { exact: '' }, { empty: true } as const, EMPTY_LIST]) {
    const given = {
      dataset: 'files/a',
      constraints: { arguments: names, constraints: { '/to': nothing } },
    };
    const bounds = boundSinks({ action: 'read', sinks: ['/to'], datasets: [] }, given, {});
    expect(bounds).toEqual([{ pointer: '/to', bound: 'absent' }]);
  }
});

test('a write whose every sink is null is as open as one whose sinks are left out', () => {
  const given = {
    dataset: 'files/a',
    constraints: { arguments: names, constraints: { '/to': { exact: null } } },
  };
  expect(boundSinks({ action: 'write', sinks: ['/to'], datasets: [] }, given, {})).toEqual([
    { pointer: '/to', bound: 'nothing' },
  ]);
});

test('a sink is safe only if each value that it may have is', () => {
  const boundOf = (constraint: Constraint, required: ConstraintsByPointer = {}) =>
    boundSinks(
      { action: 'read', sinks: ['/to/*'], datasets: [] },
      { dataset: 'files/a', constraints: { arguments: names, constraints: { '/to': constraint } } },
      required,
      (pointer, value) => pointer === '/to/*' && value === 'a',
    )[0]?.bound;
  expect(boundOf({ subsetOf: ['a'] })).toBe('safe');
  expect(boundOf({ optional: { subsetOf: ['a'] } })).toBe('safe');
  expect(boundOf({ subsetOf: ['a', 'b'] })).toBe('request');
  expect(boundOf({ every: { exact: 'a' } })).toBe('safe');
  expect(boundOf({ every: { exact: 'b' } })).toBe('request');
  expect(boundOf({ present: true })).toBe('nothing');
  expect(boundOf({ subsetOf: ['a'] }, { '/to': { subsetOf: ['a'] } })).toBe('policy');
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
