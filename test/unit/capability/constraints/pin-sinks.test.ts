import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/canonical-json.ts';
import { parseArgumentConstraints, pinSinks } from '../../../../src/capability/index.ts';
import { boundSinks } from '../../../../src/catalogue/index.ts';
import { naivelyAllowed } from '../../../fuzz/constraints/naive.ts';

const TOOL = {
  action: 'write',
  arguments: ['to', 'amount', 'options', 'body'],
  sinks: ['/to/*', '/amount', '/options/callback'],
  datasets: [{ fixed: 'mail' }],
} as const;
const pinned = (args: JsonObject) => pinSinks(args, TOOL)?.constraints?.constraints;

describe('the sinks of one call', () => {
  test('are pinned to its values, and must be absent if it has none', () => {
    expect(pinned({ to: ['a@b.example', 'a@b.example'], body: 'x' })).toEqual({
      '/to': { subsetOf: ['a@b.example'] },
      '/amount': { absent: true },
      '/options': { absent: true },
    });
    expect(pinned({ amount: 5.5, to: 'a@b.example', options: { callback: 'u', mode: 1 } })).toEqual(
      {
        '/to': { exact: 'a@b.example' },
        '/amount': { exact: 5.5 },
        '/options/callback': { exact: 'u' },
        '/options/mode': { exact: 1 },
      },
    );
  });

  test('are pinned in equal objects of an array, and so is the number of these', () => {
    expect(
      pinned({
        to: [
          { sku: 'A', n: 2 },
          { n: 2, sku: 'A' },
        ],
      }),
    ).toMatchObject({
      '/to': {
        allOf: [{ each: { sku: { exact: 'A' }, n: { exact: 2 } } }, { count: { min: 2, max: 2 } }],
      },
    });
  });

  test('leave other arguments free', () => {
    expect(pinSinks({ body: 'x' }, TOOL)?.constraints?.arguments).toEqual(TOOL.arguments);
    expect(pinned({ body: 'x' })).not.toHaveProperty('/body');
  });

  test('of a tool without sinks need no constraint', () => {
    expect(pinSinks({ body: 'x' }, { arguments: ['body'], sinks: [] })).toEqual({});
  });

  test.each<[string, JsonObject]>([
    ['different objects in an array', { to: [{ address: 'a' }, { address: 'b' }] }],
    ['objects in objects in an array', { to: [{ address: { street: 'a' } }] }],
    ['a mixed list', { to: ['a', 1] }],
    ['a list in a list', { to: [['a']] }],
    ['more values than a list may have', { to: Array.from({ length: 65 }, (_, i) => `${i}`) }],
    ['a text that is too long', { to: 'x'.repeat(513) }],
    ['a text in another Unicode form', { to: 'e\u0301' }],
    ['an empty object instead of a list', { to: {} }],
    ['an empty object next to the sink', { options: { callback: 'u', more: {} } }],
    [
      'too many members',
      {
        options: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [i, i])),
      },
    ],
  ])('cannot be pinned if they are %s', (_, args) => {
    expect(pinSinks(args, TOOL)).toBeUndefined();
  });

  const scalar = fc.oneof(
    fc.constantFrom('a', 'b', '', '*', '/x', '~'),
    fc.integer(),
    fc.boolean(),
  );
  const value = fc.oneof(
    scalar,
    fc.constant(null),
    fc.array(fc.constantFrom('a', 'b', '*')),
    fc.array(fc.integer({ min: 0, max: 3 })),
    fc.dictionary(
      fc.constantFrom('callback', 'mode', '*', 'x/y'),
      fc.oneof(scalar, fc.constant([])),
    ),
  );
  const args = fc.record(
    { to: value, amount: value, options: value, body: scalar },
    { requiredKeys: [] },
  );

  test('are bounded by their pins, which allow this call and no call with other sinks', () => {
    let closed = 0;
    fc.assert(
      fc.property(args, args, (call, other) => {
        const found = pinSinks(call as JsonObject, TOOL)?.constraints;
        if (!found) return;
        closed += 1;
        expect(parseArgumentConstraints(found).ok).toBe(true);
        const bounds = boundSinks(TOOL, { dataset: 'mail', constraints: found }, {});
        const isUsed = bounds.some(({ bound }) => bound === 'request');
        // A call without any sink leaves all of them open: the tool uses its default.
        expect(bounds.some(({ bound }) => bound === 'nothing')).toBe(!isUsed);
        expect(naivelyAllowed(call as JsonObject, found)).toBe(true);
        if (naivelyAllowed(other as JsonObject, found)) {
          for (const name of ['to', 'amount', 'options'] as const) {
            const [before, now] = [call[name], other[name]] as [Json | undefined, Json | undefined];
            expect(within(before, now), `${name}: ${JSON.stringify([before, now])}`).toBe(true);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    expect(closed).toBeGreaterThan(500);
  });
});

/** The same value, or a list without other elements. */
function within(before: Json | undefined, now: Json | undefined): boolean {
  if (Array.isArray(before) && Array.isArray(now)) return now.every((one) => before.includes(one));
  const isEmpty = before !== null && typeof before === 'object' && Object.keys(before).length === 0;
  if (isEmpty) return JSON.stringify(now ?? {}).match(/callback/) === null;
  if (typeof before === 'object' && before !== null && typeof now === 'object' && now !== null) {
    const names = new Set([...Object.keys(before), ...Object.keys(now)]);
    const [own, theirs] = [before, now] as [JsonObject, JsonObject];
    return [...names].every((name) => within(own[name], theirs[name]));
  }
  return before === now;
}
