/** Argument constraints from untrusted JSON: what is parsed is what is enforced. */
import fc from 'fast-check';
import { blockBytes } from '../../../src/biscuit/index.ts';
import { canonicalJson, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import { writeConstraints } from '../../../src/capability/constraints/index.ts';
import { toBlock } from '../../../src/capability/datalog.ts';
import { DatalogWriter, parseArgumentConstraints } from '../../../src/capability/index.ts';
import { KINDS } from '../constraints/kinds/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateJsonOften } from './json.ts';

const SAMPLES_PER_KIND = 4;
/** Some constraints of every kind; the same in every run, so that a case can be repeated. */
const SAMPLES = Object.values(KINDS).flatMap((samples) =>
  fc
    .sample(samples, { numRuns: SAMPLES_PER_KIND, seed: 3 })
    .map(({ constraint }) => constraint as unknown as JsonObject),
) as [JsonObject, ...JsonObject[]];
const POINTERS = ['/a', '/b/c', '/b/d', '/e~1f', '/g/h/i'];

function someConstraints(random: Random): JsonObject {
  const pointers = POINTERS.filter(() => random.chance(0.6));
  return {
    arguments: ['a', 'b', 'e/f', 'g', 'free'],
    constraints: Object.fromEntries(pointers.map((pointer) => [pointer, random.pick(SAMPLES)])),
  };
}

/** No constraint compiles to more checks. A token is limited in both checks and bytes. */
const CHECKS_PER_CONSTRAINT_MAX = 40;

/** Compared as JSON, which does not tell -0 from 0. */
const isSame = (a: unknown, b: unknown): boolean =>
  canonicalJson(a as Json) === canonicalJson(b as Json);

export const argumentConstraints: ParserCampaign = {
  name: 'constraints',
  outcomes: { ok: 'seen', constraint_invalid: 'seen' },
  cases: 8_000,
  attempt: (random) => {
    const unmodified = someConstraints(random);
    const input: Json = random.chance(0.85) ? mutateJsonOften(random, unmodified) : unmodified;
    const parsed = parseArgumentConstraints(input);
    if (!parsed.ok) {
      claim(input !== unmodified, 'unmodified constraints are refused', {
        input,
        error: parsed.error,
      });
      return parsed.error.code;
    }
    // A member that the parser drops would be a limit without effect.
    claim(isSame(parsed.value, input), 'the parser changed the value', input);
    const again = parseArgumentConstraints(JSON.parse(JSON.stringify(parsed.value)));
    claim(
      again.ok && isSame(again.value, parsed.value),
      'parsed differently the second time',
      input,
    );
    const writer = new DatalogWriter();
    const written = writeConstraints(writer, 'x"); allow if true; //', parsed.value);
    claim(written.ok, 'parsed constraints do not compile', input);
    const block = toBlock(writer.done());
    const count = Object.keys(parsed.value.constraints).length;
    claim(
      block.checks.length <= 1 + CHECKS_PER_CONSTRAINT_MAX * Math.max(1, count),
      'too many checks',
      { input, checks: block.checks.length },
    );
    claim(
      block.facts.length === 0 && block.rules.length === 0,
      'the block has facts or rules',
      input,
    );
    const bytes = blockBytes(block);
    claim(
      bytes <= 20 * JSON.stringify(input).length + 2_000,
      'the block is too large for its input',
      bytes,
    );
    return 'ok';
  },
};
