/**
 * What a model is shown of a tool's arguments. The projected schema refuses no call that the token
 * allows, whatever the server's own schema is; and it refuses most of those that the token denies.
 */
import { Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readArgumentBounds } from '../../../src/bounds/index.ts';
import type { Json, JsonObject } from '../../../src/canonical-json.ts';
import {
  writeCaveatConstraints,
  writeConstraints,
} from '../../../src/capability/constraints/index.ts';
import { DatalogWriter, toBlock } from '../../../src/capability/datalog.ts';
import type { ArgumentConstraints } from '../../../src/capability/index.ts';
import { projectSchema } from '../../../src/tool-schema/index.ts';
import { effort } from '../../effort.ts';
import { unwrap } from '../../unit/fixtures/issuer.ts';
import { compiled, compiledCaveat } from './compiled.ts';
import { KINDS } from './kinds/index.ts';
import { byPointer, call, NAMES, whole } from './nested.ts';
import { adversarial } from './values.ts';

const RUNS = effort(300, 2_000);
const TIMEOUT = 300_000; // Milliseconds.
const TOOL = 'mail.send'; // The one that `compiled` writes its checks for.

const shownBy = (schema: JsonObject, constraints: ArgumentConstraints): JsonObject => {
  const block = toBlock(unwrap(writeConstraints(new DatalogWriter(), TOOL, constraints)).done());
  const bounds = readArgumentBounds([block], TOOL);
  return projectSchema(schema, { listed: constraints.arguments, bounds });
};

const accepts = (schema: JsonObject, args: Json): boolean =>
  new Validator(schema as never, '2020-12').validate(args).valid;

/** What servers write: open, closed, by reference, in parts, and with bounds of their own. */
const member = fc.constantFrom<Json>(
  ...Array.from({ length: 8 }, () => ({})),
  true,
  { description: 'anything' },
  { type: 'string' },
  { type: ['string', 'null'], description: 'any' },
  { anyOf: [{ type: 'string' }, { type: 'null' }, { $ref: '#/$defs/deep' }] },
  { $ref: '#/$defs/deep' },
  { $ref: '#/$defs/circle' },
  { enum: ['a', 'b', 3], default: 'b' },
  { type: 'array', items: { type: 'string' } },
  { type: 'object', properties: { p: { type: 'number' }, q: {} }, required: ['p'] },
  { type: 'number', minimum: 4 },
);
const $defs: Json = {
  deep: { type: 'object', properties: { p: {}, q: { type: 'string' }, d: {} } },
  circle: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/circle' }] },
  whole: { type: 'object', properties: { x: {}, o: { $ref: '#/$defs/deep' } }, required: ['x'] },
};
const part = fc.constantFrom<Json>(
  { properties: { x: { description: 'x' }, o: {} } },
  { properties: { n: {}, y: { type: 'string' } } },
  { required: ['x'] },
  { properties: { o: { type: 'object' }, y: {} } },
  { properties: { x: { type: 'string' } }, required: ['y'] },
  { $ref: '#/$defs/whole' },
);
const serverSchema: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      properties: fc.dictionary(fc.constantFrom(...NAMES, 'y', 'a', 'a/b', 'free'), member, {
        maxKeys: 4,
      }),
      required: fc.subarray(['x', 'y']),
      additionalProperties: fc.constantFrom<Json>(true, false, { type: 'string' }),
      patternProperties: fc.constantFrom<Json>({ '^n': {} }, { '^[xo]$': { type: 'object' } }),
      allOf: fc.array(part, { minLength: 1, maxLength: 2 }),
      oneOf: fc.array(part, { minLength: 1, maxLength: 2 }),
      $ref: fc.constantFrom('#/$defs/whole', '#/$defs/none', '#'),
      dependentRequired: fc.constant<Json>({ y: ['x'], x: ['y'] }),
    },
    { requiredKeys: [] },
  )
  .map((schema) => ({ type: 'object', ...schema, $defs }) as JsonObject);

describe.each(Object.entries(KINDS))('%s', (kind, samples) => {
  test(
    'is shown without refusing an allowed call',
    async () => {
      const seen = { allowed: 0, denied: 0, shown: 0 };
      const attempts = samples.chain(({ constraint, values }) =>
        fc.record({
          constraint: fc.constant(constraint),
          values: fc.array(adversarial(values), { minLength: 6, maxLength: 6 }),
        }),
      );
      await fc.assert(
        fc.asyncProperty(attempts, async ({ constraint, values }) => {
          const constraints = { arguments: ['a'], constraints: { '/a': constraint } };
          const schema = shownBy({ type: 'object', properties: { a: {} } }, constraints);
          const allows = compiled(constraints);
          for (const args of [{}, { a: 1, b: 2 }, ...values.map((a) => ({ a }))] as JsonObject[]) {
            const allowed = await allows(args);
            if (allowed === undefined) continue;
            const isShown = accepts(schema, args);
            if (allowed) expect(isShown, JSON.stringify({ constraint, schema, args })).toBe(true);
            seen[allowed ? 'allowed' : 'denied']++;
            if (!allowed && !isShown) seen.shown++;
          }
        }),
        { numRuns: Math.ceil(RUNS / 3), seed: 21 },
      );
      console.info(kind, JSON.stringify(seen));
      expect(seen.allowed).toBeGreaterThan(0);
      // No keyword says that at least one element meets something, and few describe URLs.
      expect(seen.shown).toBeGreaterThan(seen.denied / 10);
    },
    TIMEOUT,
  );
});

test(
  "the projection of any server's schema refuses no call that it accepts and the token allows",
  async () => {
    const seen = { accepted: 0, allowed: 0, refused: 0 };
    const calls = fc.array(call, { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(serverSchema, whole, calls, async (schema, constraints, each) => {
        const shown = shownBy(schema, constraints);
        const allows = compiled(constraints);
        for (const args of each) {
          if (!acceptsAny(schema, args)) continue;
          seen.accepted++;
          const allowed = (await allows(args)) === true;
          if (allowed) seen.allowed++;
          if (accepts(shown, args)) continue;
          seen.refused++;
          expect(allowed, JSON.stringify({ schema, constraints, shown, args })).toBe(false);
        }
      }),
      { numRuns: RUNS * 5, seed: 22 },
    );
    console.info(JSON.stringify(seen));
    expect(seen.allowed).toBeGreaterThan(RUNS / 10);
    expect(seen.refused).toBeGreaterThan(RUNS / 10);
  },
  TIMEOUT,
);

/** A reference that leads nowhere or to itself makes a validator throw: no call is accepted. */
function acceptsAny(schema: JsonObject, args: Json): boolean {
  try {
    return accepts(schema, args);
  } catch {
    return false;
  }
}

test(
  'what a later block requires is shown as well, with an open list of arguments',
  async () => {
    const calls = fc.array(call, { minLength: 6, maxLength: 6 });
    let refused = 0;
    const constraints = byPointer.filter((one) => Object.keys(one).length > 0);
    await fc.assert(
      fc.asyncProperty(constraints, calls, async (caveat, each) => {
        const block = toBlock(unwrap(writeCaveatConstraints(new DatalogWriter(), caveat)).done());
        const empty = { ...block, checks: [] };
        const bounds = readArgumentBounds([empty, block], TOOL);
        const shown = projectSchema({ type: 'object' }, { bounds });
        const allows = compiledCaveat(caveat);
        for (const args of each) {
          if (accepts(shown, args)) continue;
          refused++;
          expect(await allows(args), JSON.stringify({ caveat, shown, args })).not.toBe(true);
        }
      }),
      { numRuns: RUNS, seed: 23 },
    );
    expect(refused).toBeGreaterThan(RUNS / 10);
  },
  TIMEOUT,
);

test('a block with facts or rules of its own is left out, because its checks may read those', async () => {
  const block = toBlock(
    unwrap(writeCaveatConstraints(new DatalogWriter(), { '/x': { exact: 'a' } })).done(),
  );
  const facts = [{ name: 'arg', terms: [] }] as const;
  expect(
    readArgumentBounds(
      [
        { ...block, checks: [] },
        { ...block, facts },
      ],
      TOOL,
    ),
  ).toEqual([]);
});
