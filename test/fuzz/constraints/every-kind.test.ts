/**
 * Compares what the code says about two constraints, and about a sink, with the checks that the
 * constraints compile to. The tests run for every kind of the tables, including a new one.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/canonical-json.ts';
import { UNRELATED_DESTINATIONS } from '../../../src/capability/constraints/unrelated-destinations.ts';
import {
  type ArgumentConstraints,
  boundsSink,
  type Constraint,
  coversConstraints,
  joinConstraints,
  uniteConstraints,
} from '../../../src/capability/index.ts';
import { effort } from '../../effort.ts';
import { compiled } from './compiled.ts';
import { KINDS, type Sample } from './kinds/index.ts';

const RUNS = effort(25, 80); // Of each kind.
const TIMEOUT = 120_000; // Milliseconds; a kind takes about a second on an idle core.

const on = (constraint: Constraint): ArgumentConstraints => ({
  arguments: ['a'],
  constraints: { '/a': constraint },
});
const any: fc.Arbitrary<Sample> = fc.oneof(...Object.values(KINDS));
const callsWith = (...samples: readonly Sample[]): readonly { readonly a?: Json }[] => [
  {},
  ...samples.flatMap(({ values }) => values).map((a) => ({ a })),
];

describe.each(Object.entries(KINDS))('%s', (_, samples) => {
  const pairs = fc.oneof(
    fc.tuple(samples, any),
    fc.tuple(samples, samples),
    samples.map((sample) => [sample, sample] as const),
  );

  test(
    'is covered, joined and united as the calls that it allows',
    async () => {
      await fc.assert(
        fc.asyncProperty(pairs, async ([first, second]) => {
          const [a, b] = [on(first.constraint), on(second.constraint)];
          const [allowedByA, allowedByB] = [compiled(a), compiled(b)];
          const isCovered = coversConstraints(a, b);
          const joined = joinConstraints(a, b.constraints);
          const united = uniteConstraints(a, b);
          const allowedByBoth = joined.ok ? compiled(joined.value) : undefined;
          const allowedByUnion = united.ok ? compiled(united.value) : undefined;
          for (const args of callsWith(first, second)) {
            const [inA, inB] = [await allowedByA(args), await allowedByB(args)];
            const pair = JSON.stringify({ a: first.constraint, b: second.constraint, args });
            if (isCovered && inB) expect(inA, pair).toBe(true);
            if (allowedByBoth) expect(await allowedByBoth(args), pair).toBe(inA && inB);
            if (allowedByUnion && inA) expect(await allowedByUnion(args), pair).toBe(true);
          }
        }),
        { numRuns: RUNS, seed: 21 },
      );
    },
    TIMEOUT,
  );

  test(
    'lets no call reach an unrelated destination if it counts as the bound of a sink',
    async () => {
      await fc.assert(
        fc.asyncProperty(samples, async ({ constraint }) => {
          if (boundsSink(constraint, 'request')) {
            expect(boundsSink(constraint, 'policy')).toBe(true);
          }
          if (!boundsSink(constraint, 'policy')) return;
          const allows = compiled(on(constraint));
          for (const to of UNRELATED_DESTINATIONS) {
            for (const a of [to, [to], { to }]) {
              expect([a, await allows({ a })], JSON.stringify(constraint)).toEqual([a, false]);
            }
          }
        }),
        { numRuns: RUNS, seed: 22 },
      );
    },
    TIMEOUT,
  );
});
