import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import type { CatalogueTool } from '../../../src/catalogue/index.ts';
import { goesToSameOwner } from '../../../src/labels/same-owner.ts';

const TOOL: CatalogueTool = {
  name: 'mail.send',
  action: 'write',
  tier: 3,
  arguments: ['to', 'cc', 'host', 'other'],
  datasets: [{ fixed: 'mail' }],
  sinks: ['/to/*', '/cc', '/host'],
  sink: [
    { argument: '/to/*', kind: 'email', sameOwner: ['*@example.com', 'Team@partner.example'] },
    { argument: '/cc', kind: 'email', safe: ['no-one', 7] },
    { argument: '/host', kind: 'host', sameOwner: ['*.example.com'] },
  ],
};
const goes = (args: JsonObject) => goesToSameOwner(TOOL, args);

describe('destinations of the same owner', () => {
  test.each<JsonObject>([
    { to: ['anna@example.com'] },
    { to: ['Anna.Maria+x@EXAMPLE.com', 'team@partner.example'] },
    { to: ['anna@example.com'], cc: 'no-one' },
    { to: ['anna@example.com'], cc: 7 },
    { host: 'www.example.com' },
    { host: 'a.b.example.com', other: 'evil@evil.example' },
  ])('are those that the sinks state: %j', (args) => {
    expect(goes(args)).toBe(true);
  });

  test.each<JsonObject>([
    {},
    { to: [] },
    { other: 'anna@example.com' },
    { to: ['evil@evil.example'] },
    { to: ['anna@example.com', 'evil@evil.example'] },
    { to: ['anna@example.com'], cc: 'evil@evil.example' },
    { to: ['evil@evil.example,anna@example.com'] },
    { to: ['evil@evil.example@example.com'] },
    { to: ['evil@evil.example <anna@example.com'] },
    { to: ['@example.com'] },
    { to: ['anna@example.com.evil.example'] },
    { to: ['anna@notexample.com'] },
    { to: [' anna@example.com'] },
    { to: ['anna\n@example.com'] },
    { to: ['аnna@example.com'] }, // A Cyrillic letter.
    { to: [['evil@evil.example']] },
    { to: [{ address: 'anna@example.com' }] },
    { to: [null] },
    { to: ['anna@example.com'], cc: null },
    { cc: '7' },
    { host: 'example.com' },
    { host: 'evil.example/.example.com' },
    { host: 'user:pass@www.example.com' },
    { host: '-.evil.example#.example.com' },
  ])('are no others: %j', (args) => {
    expect(goes(args)).toBe(false);
  });

  test('do not exist for a tool without sinks, or with a sink that nothing is known of', () => {
    expect(goesToSameOwner({ ...TOOL, sinks: [] }, { to: ['a@example.com'] })).toBe(false);
    const args = { to: ['a@example.com'], other: 'b' };
    expect(goesToSameOwner({ ...TOOL, sinks: ['/to/*', '/other'] }, args)).toBe(false);
  });
});
