import { describe, expect, test } from 'vitest';
import { readRules, readTripwires } from '../../../workers/issuer/workflow/rulebook.ts';

describe('a tripwire that could never trip is a fault of the configuration', () => {
  test.each<[string, unknown]>([
    ['a dataset with a slash behind it', { datasets: ['payroll/'] }],
    ['a dataset with a way up', { datasets: ['payroll/../hr'] }],
    ['a dataset in another Unicode form', { datasets: ['cafe\u{301}'] }],
    ['a tool with a space behind it', { tools: ['mcp/bank/pay '] }],
    ['a tool with a sign that is not seen', { tools: ['mcp/bank/p\u{200B}ay'] }],
    ['a tool without a name', { tools: [''] }],
    ['a member that is misspelt', { tool: ['mcp/bank/pay'] }],
    ['a list', []],
    ['nothing', null],
  ])('%s', (_, value) => {
    expect(readTripwires(value)).toBeUndefined();
  });

  test('and one that can is read', () => {
    const wires = { tools: ['mcp/bank/pay'], datasets: ['payroll', 'hr/salaries'] };
    expect(readTripwires(wires)).toEqual(wires);
    expect(readTripwires({})).toEqual({ tools: [], datasets: [] });
  });
});

test('a list of rules is no change of them', () => {
  expect(readRules([])).toBeUndefined();
  expect(readRules({})).toBeDefined();
});
