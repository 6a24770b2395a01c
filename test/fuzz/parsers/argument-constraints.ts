/** Argument constraints, as JSON that nobody has looked at: what is read is what is enforced. */
import { blockBytes } from '../../../src/biscuit/index.ts';
import { canonicalJson, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import { writeConstraints } from '../../../src/capability/constraints/index.ts';
import { toBlock } from '../../../src/capability/datalog.ts';
import { DatalogWriter, parseArgumentConstraints } from '../../../src/capability/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateJsonOften } from './json.ts';

const SAMPLES: readonly [JsonObject, ...JsonObject[]] = [
  { exact: 'GB1' },
  { exact: null },
  { oneOf: ['a', 'b'] },
  { oneOf: [1, 2.5] },
  { prefix: 'inv-' },
  { suffix: '@acme.example' },
  { glob: 'reports/**/*.csv' },
  { pathBelow: 'files/reports' },
  { url: { schemes: ['https'], hostSuffix: 'acme.example', port: 8443, pathBelow: '/v1' } },
  { url: { schemes: ['https', 'http'], host: 'api.example' } },
  { cidr: ['10.0.0.0/8', 'fd00::/8'] },
  { number: { min: -1.5, max: 50 } },
  { integer: { max: 100 } },
  { length: { min: 1, max: 64 } },
  { matches: '[a-z]{2,8}(?:-[0-9]+)?' },
  { subsetOf: ['x', 'y'] },
  { every: { allOf: [{ suffix: '.example' }, { length: { max: 20 } }] } },
  { any: { exact: 1 } },
  { count: { max: 3 } },
  { allOf: [{ prefix: 'a' }, { suffix: 'b' }] },
  { present: true },
  { absent: true },
  { optional: { integer: { min: 0, max: 10 } } },
];
const POINTERS = ['/a', '/b/c', '/b/d', '/e~1f', '/g/h/i'];

function someConstraints(random: Random): JsonObject {
  const pointers = POINTERS.filter(() => random.chance(0.6));
  return {
    arguments: ['a', 'b', 'e/f', 'g', 'free'],
    constraints: Object.fromEntries(pointers.map((pointer) => [pointer, random.pick(SAMPLES)])),
  };
}

/** No constraint needs more: the checks of one token are bounded by their number and their bytes. */
const CHECKS_PER_CONSTRAINT_MAX = 40;

/** Of two zeros JSON has one. */
const isSame = (a: unknown, b: unknown): boolean =>
  canonicalJson(a as Json) === canonicalJson(b as Json);

export const argumentConstraints: ParserCampaign = {
  name: 'constraints',
  outcomes: { ok: 'seen', constraint_invalid: 'seen' },
  cases: 8_000,
  attempt: (random) => {
    const honest = someConstraints(random);
    const input: Json = random.chance(0.85) ? mutateJsonOften(random, honest) : honest;
    const parsed = parseArgumentConstraints(input);
    if (!parsed.ok) {
      claim(input !== honest, 'honest constraints are refused', { input, error: parsed.error });
      return parsed.error.code;
    }
    // A member that is dropped on the way would be a bound that nobody holds to.
    claim(isSame(parsed.value, input), 'another value than was written', input);
    const again = parseArgumentConstraints(JSON.parse(JSON.stringify(parsed.value)));
    claim(again.ok && isSame(again.value, parsed.value), 'read differently', input);
    const writer = new DatalogWriter();
    const written = writeConstraints(writer, 'x"); allow if true; //', parsed.value);
    claim(written.ok, 'what is read cannot be written', input);
    const block = toBlock(writer.done());
    const count = Object.keys(parsed.value.constraints).length;
    claim(
      block.checks.length <= 1 + CHECKS_PER_CONSTRAINT_MAX * Math.max(1, count),
      'checks without a bound',
      { input, checks: block.checks.length },
    );
    claim(block.facts.length === 0 && block.rules.length === 0, 'more than checks', input);
    const bytes = blockBytes(block);
    claim(bytes <= 20 * JSON.stringify(input).length + 2_000, 'a block out of measure', bytes);
    return 'ok';
  },
};
