import { describe, expect, test } from 'vitest';
import { readRules, readTripwires } from '../../../workers/issuer/workflow/rulebook.ts';

describe('a tripwire that could never trip is an invalid configuration', () => {
  test.each<[string, unknown]>([
    ['a dataset with a trailing slash', { datasets: ['payroll/'] }],
    ['a dataset with a parent segment', { datasets: ['payroll/../hr'] }],
    ['a dataset in another Unicode form', { datasets: ['cafe\u{301}'] }],
    ['a tool with a trailing space', { tools: ['mcp/bank/pay '] }],
    ['a tool with an invisible character', { tools: ['mcp/bank/p\u{200B}ay'] }],
    ['a tool without a name', { tools: [''] }],
    ['a misspelt member', { tool: ['mcp/bank/pay'] }],
    ['a list', []],
    ['nothing', null],
  ])('%s', (_, value) => {
    expect(readTripwires(value)).toBeUndefined();
  });

  test('a valid tripwire is read', () => {
    const wires = { tools: ['mcp/bank/pay'], datasets: ['payroll', 'hr/salaries'] };
    expect(readTripwires(wires)).toEqual(wires);
    expect(readTripwires({})).toEqual({ tools: [], datasets: [] });
  });
});

test('a list is not a valid change of the rules', () => {
  expect(readRules([])).toBeUndefined();
  expect(readRules({})).toBeDefined();
});
