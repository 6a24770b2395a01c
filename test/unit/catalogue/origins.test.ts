import { describe, expect, test } from 'vitest';
import type { Constraint } from '../../../src/capability/index.ts';
import { boundSinks, type FieldAt, type SinkMark } from '../../../src/catalogue/index.ts';

const takes = (...all: NonNullable<SinkMark['takes']>) => all;

/** What bounds the one sink of a payment, if a request has this constraint on it. */
function bound(constraint: Constraint, mark: Partial<SinkMark> = {}, sink = '/to'): string {
  const tool = {
    action: 'write',
    sinks: [sink],
    sink: [{ argument: sink, kind: 'iban', ...mark } as SinkMark],
    datasets: [{ fixed: 'bank' }],
  } as const;
  const fieldAt: FieldAt = (name, pointer) =>
    name === 'bank.payees' && pointer === '/*/iban'
      ? { pointer, kind: 'iban', by: 'own', reason: 'paid before' }
      : undefined;
  const constraints = { arguments: ['to', 'items'], constraints: { '/to': constraint } };
  const isSafe = (_: string, value: unknown) => value === 'SAFE';
  const [only] = boundSinks(tool, { dataset: 'bank', constraints }, {}, isSafe, fieldAt);
  return only?.bound ?? '';
}

describe('a sink is closed by origins that it takes:', () => {
  test.each<[string, Constraint, Partial<SinkMark>]>([
    ['the request, by default', { from: ['prompt'] }, {}],
    ['an approval, by default', { from: ['approved'] }, {}],
    ['a field', { from: ['own:iban'] }, { takes: takes('own') }],
    ['a named field', { from: ['own:iban named'] }, { takes: takes('own named') }],
    ['a named field for a plain one', { from: ['own:iban named'] }, { takes: takes('own') }],
    ['the person', { from: ['self'] }, { takes: takes('self') }],
    ['a safe value', { from: ['=SAFE', 'prompt'] }, {}],
    ['one place', { from: [{ tool: 'bank.payees', pointer: '/*/iban' }] }, { takes: takes('own') }],
    [
      'one place in a dataset',
      { from: [{ tool: 'bank.payees', pointer: '/*/iban', dataset: 'bank/eu', named: true }] },
      { takes: takes('own named') },
    ],
    ['beside another part', { allOf: [{ length: { max: 9 } }, { from: ['prompt'] }] }, {}],
    ['each alternative', { anyOf: [{ from: ['prompt'] }, { exact: 'SAFE' }] }, {}],
  ])('%s', (_, constraint, mark) => {
    expect(bound(constraint, mark)).toBe('origin');
  });

  test('each element of a list', () => {
    expect(bound({ every: { from: ['prompt'] } }, {}, '/to/*')).toBe('origin');
    expect(bound({ every: { allOf: [{ from: ['prompt'] }] } }, {}, '/to/*')).toBe('origin');
  });

  test('a member of the objects in a list', () => {
    const each = { each: { iban: { from: ['prompt'] }, note: { present: true } } } as const;
    expect(bound(each, {}, '/to/*/iban')).toBe('origin');
    expect(bound(each, {}, '/to/*/note')).toBe('nothing');
  });
});

describe('a sink stays open to origins that it does not take:', () => {
  test.each<[string, Constraint, Partial<SinkMark>]>([
    ['the request', { from: ['prompt'] }, { takes: takes('own') }],
    ['a field, by default', { from: ['own:iban'] }, {}],
    ['another author', { from: ['peer:iban'] }, { takes: takes('own') }],
    ['another kind', { from: ['own:email'] }, { takes: takes('own') }],
    ['a field that was not named', { from: ['own:iban'] }, { takes: takes('own named') }],
    ['one more than it takes', { from: ['own:iban', 'peer:iban'] }, { takes: takes('own') }],
    ['the person', { from: ['self'] }, { takes: takes('own') }],
    ['a place without a mark', { from: [{ tool: 'x', pointer: '/y' }] }, { takes: takes('own') }],
    [
      'a place that was not named',
      { from: [{ tool: 'bank.payees', pointer: '/*/iban' }] },
      { takes: takes('own named') },
    ],
    ['one element', { any: { from: ['prompt'] } }, {}],
    ['one alternative', { anyOf: [{ from: ['prompt'] }, { length: { max: 9 } }] }, {}],
  ])('%s', (_, constraint, mark) => {
    expect(bound(constraint, mark)).toBe('nothing');
  });

  test('a value that the request states is shown to a person', () => {
    expect(bound({ from: ['=GB1', 'prompt'] })).toBe('request');
    expect(bound({ from: ['=GB1'] })).toBe('request');
    expect(bound({ from: ['=GB1', 'own:iban'] })).toBe('nothing');
    expect(bound({ every: { from: ['=GB1', 'prompt'] } }, {}, '/to/*')).toBe('request');
  });

  test('a call may leave the sink out', () => {
    expect(bound({ optional: { from: ['prompt'] } })).toBe('nothing');
    expect(bound({ anyOf: [{ from: ['prompt'] }, { empty: true }] })).toBe('nothing');
  });
});

test('a policy may require origins without a mark', () => {
  const tool = {
    action: 'write',
    sinks: ['/to'],
    datasets: [{ fixed: 'bank' }],
  } as const;
  const required = { '/to': { from: ['prompt'] } } as const;
  const constraints = { arguments: ['to'], constraints: required };
  expect(boundSinks(tool, { dataset: 'bank', constraints }, required)).toEqual([
    { pointer: '/to', bound: 'policy' },
  ]);
});
