import { describe, expect, test } from 'vitest';
import type { ConstraintsByPointer } from '../../../src/capability/index.ts';
import { names, open, openSinks } from './open-sinks.ts';

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
