import { describe, expect, test } from 'vitest';
import type { ConstraintsByPointer } from '../../../src/capability/index.ts';
import { openSinks } from '../../../src/catalogue/index.ts';

const tool = {
  datasets: [{ argument: '/path', under: 'files' }, { fixed: 'mail' }],
  sinks: ['/path', '/to/*', '/options/callback', '/amount'],
};
const names = ['path', 'to', 'options', 'amount', 'body'];
const open = (constraints: ConstraintsByPointer, listed: readonly string[] = names) =>
  openSinks(tool, { arguments: listed, constraints });

test('without constraints every sink is open but the one that a dataset is read out of', () => {
  expect(openSinks(tool, undefined)).toEqual(['/to/*', '/options/callback', '/amount']);
  expect(open({})).toEqual(['/to/*', '/options/callback', '/amount']);
});

test('an argument that no call may bring is closed', () => {
  expect(open({}, ['path', 'body'])).toEqual([]);
});

describe('a sink is closed by', () => {
  test.each<[string, ConstraintsByPointer]>([
    ['one value', { '/amount': { exact: 5 } }],
    ['a maximum', { '/amount': { number: { max: 5 } } }],
    ['a maximum of integers', { '/amount': { integer: { max: 5 } } }],
    ['an absence', { '/amount': { absent: true } }],
    ['a value that may lack', { '/amount': { optional: { oneOf: [5] } } }],
    ['one part of several', { '/amount': { allOf: [{ number: {} }, { integer: { max: 5 } }] } }],
  ])('%s', (_, constraints) => expect(open(constraints)).not.toContain('/amount'));

  test.each<[string, ConstraintsByPointer]>([
    ['every element', { '/to': { every: { suffix: '@acme.example' } } }],
    ['a subset', { '/to': { subsetOf: ['a'] } }],
    ['one part', { '/to': { every: { allOf: [{ length: { max: 5 } }, { suffix: 'a' }] } } }],
    ['a text where a list would be', { '/to': { exact: 'a' } }],
    ['an absence', { '/to': { absent: true } }],
  ])('%s of its array', (_, constraints) => expect(open(constraints)).not.toContain('/to/*'));

  test.each<[string, ConstraintsByPointer]>([
    ['a constraint on it', { '/options/callback': { cidr: '10.0.0.0/8' } }],
    ['its absence', { '/options/callback': { absent: true } }],
    ['a closed object around it', { '/options/mode': { present: true } }],
    ['the absence of the object', { '/options': { absent: true } }],
  ])('%s', (_, constraints) => expect(open(constraints)).not.toContain('/options/callback'));

  test('constraints on all members, where it is an object', () => {
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
    ['a minimum of integers', { '/amount': { integer: { min: 0 } } }],
    ['a length', { '/amount': { length: { max: 5 } } }],
    ['a glob of stars', { '/amount': { glob: '/**/*' } }],
    ['every absolute path', { '/amount': { pathBelow: '/' } }],
    ['every address', { '/amount': { cidr: ['10.0.0.0/8', '::/0'] } }],
    [
      'several that are all open',
      { '/amount': { allOf: [{ length: { max: 5 } }, { count: {} }] } },
    ],
    ['a maximum that may be any', { '/amount': { optional: { number: {} } } }],
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
    ['elements of any number', { '/to': { every: { number: {} } } }],
    [
      'elements that are open in two ways',
      { '/to': { every: { allOf: [{ number: {} }, { length: {} }] } } },
    ],
  ])('%s', (_, constraints) => expect(open(constraints)).toContain('/to/*'));
});
