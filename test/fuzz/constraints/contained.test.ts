/**
 * What constraints mean together. Two sets of constraints are compiled to the checks of a token,
 * and the results of comparing and joining them must agree with what those checks allow.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import {
  type ArgumentConstraints,
  coversConstraints,
  joinConstraints,
  joinRequired,
} from '../../../src/capability/index.ts';
import { effort } from '../../effort.ts';
import { compiled, compiledCaveat } from './compiled.ts';
import { naivelyAllowed } from './naive.ts';
import { byPointer, call, changed, hasEmptyObject, NAMES, whole } from './nested.ts';

const RUNS = Number(process.env.CONSTRAINT_RUNS ?? effort(900, 3_000));
const TIMEOUT = 300_000; // Milliseconds.
const calls = fc.array(call, { minLength: 6, maxLength: 6 });
const isNested = ({ constraints }: ArgumentConstraints): boolean =>
  Object.keys(constraints).some((pointer) => pointer.lastIndexOf('/') > 0);

test(
  'constraints in one object close it together, as the model does',
  async () => {
    const seen = { allowed: 0, denied: 0 };
    await fc.assert(
      fc.asyncProperty(whole, calls, async (constraints, each) => {
        const allows = compiled(constraints);
        for (const args of each) {
          const allowed = await allows(args);
          seen[allowed === true ? 'allowed' : 'denied']++;
          const what = JSON.stringify({ constraints, args });
          expect(allowed, what).toBe(naivelyAllowed(args, constraints));
        }
      }),
      { numRuns: RUNS, seed: Number(process.env.CONSTRAINT_SEED ?? 11) },
    );
    expect(seen.allowed).toBeGreaterThan(RUNS / 10);
    expect(seen.denied).toBeGreaterThan(RUNS / 10);
  },
  TIMEOUT,
);

test(
  'covered constraints allow no call that the covering ones deny',
  async () => {
    const seen = { kept: 0, nested: 0, allowed: 0 };
    const pairs = whole.chain((held) => fc.tuple(fc.constant(held), changed(held)));
    await fc.assert(
      fc.asyncProperty(pairs, calls, async ([held, asked], each) => {
        if (!coversConstraints(held, asked)) return;
        seen.kept++;
        if (isNested(held)) seen.nested++;
        const [narrow, wide] = [compiled(asked), compiled(held)];
        for (const args of each) {
          if ((await narrow(args)) !== true) continue;
          seen.allowed++;
          expect(await wide(args), JSON.stringify({ held, asked, args })).toBe(true);
        }
      }),
      { numRuns: RUNS, seed: Number(process.env.CONSTRAINT_SEED ?? 12) },
    );
    // The test needs pairs that cover each other, and calls that are allowed.
    expect(seen.kept).toBeGreaterThan(RUNS / 20);
    expect(seen.nested).toBeGreaterThan(RUNS / 50);
    expect(seen.allowed).toBeGreaterThan(RUNS / 20);
  },
  TIMEOUT,
);

test(
  'joined constraints allow what both allow, are idempotent and are covered by both',
  async () => {
    const seen = { joined: 0, nested: 0, allowed: 0 };
    await fc.assert(
      fc.asyncProperty(whole, byPointer, calls, async (asked, required, each) => {
        const joined = joinConstraints(asked, required);
        if (!joined.ok) return;
        seen.joined++;
        if (isNested(joined.value)) seen.nested++;
        expect(joinConstraints(joined.value, required)).toEqual(joined);
        expect(coversConstraints(asked, joined.value)).toBe(true);
        expect(
          coversConstraints({ arguments: NAMES, constraints: required }, joined.value),
          JSON.stringify({ asked, required, joined }),
        ).toBe(true);
        const both = [compiled(asked), compiledCaveat(required)];
        const one = compiled(joined.value);
        for (const args of each) {
          const allowed = await one(args);
          const each = await Promise.all(both.map((allows) => allows(args)));
          const what = JSON.stringify({ asked, required, joined, args });
          if (allowed === true) {
            seen.allowed++;
            expect(each, what).toEqual([true, true]);
          }
          // No constraint can express an object without members, only its absence.
          if (!hasEmptyObject(args)) expect(allowed, what).toBe(each.every(Boolean));
        }
      }),
      { numRuns: RUNS, seed: Number(process.env.CONSTRAINT_SEED ?? 13) },
    );
    expect(seen.joined).toBeGreaterThan(RUNS / 10);
    expect(seen.nested).toBeGreaterThan(RUNS / 20);
    expect(seen.allowed).toBeGreaterThan(RUNS / 20);
  },
  TIMEOUT,
);

test(
  'joined statements require of a call what all of them require together',
  async () => {
    const statements = fc.array(
      byPointer.filter((one) => Object.keys(one).length > 0),
      { minLength: 2, maxLength: 3 },
    );
    let allowedOnes = 0;
    await fc.assert(
      fc.asyncProperty(statements, calls, async (stated, each) => {
        const entries = stated.flatMap((one) => Object.entries(one));
        const joined = joinRequired(entries);
        if (!joined.ok) return;
        const all = compiledCaveat(joined.value);
        // A single statement would close the object around it to the others, so only statements on
        // whole arguments are compared.
        const alone = entries.map(([pointer, constraint]) => {
          const name = pointer.split('/').length === 2;
          return name ? compiledCaveat({ [pointer]: constraint }) : undefined;
        });
        for (const args of each as JsonObject[]) {
          if ((await all(args)) !== true) continue;
          allowedOnes++;
          for (const allows of alone) expect((await allows?.(args)) ?? true).toBe(true);
        }
      }),
      { numRuns: RUNS / 3, seed: Number(process.env.CONSTRAINT_SEED ?? 14) },
    );
    expect(allowedOnes).toBeGreaterThan(RUNS / 60);
  },
  TIMEOUT,
);
