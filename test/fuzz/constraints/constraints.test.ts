/**
 * Compares each kind of constraint with a naive model, in both directions: a token that the
 * reference implementation minted allows a call if and only if the model does. The reference
 * implementation judges a part of the calls as well.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { printFact } from '../../../src/biscuit/index.ts';
import { toParameters } from '../../../src/biscuit-wasm/index.ts';
import type { Json, JsonObject } from '../../../src/canonical-json.ts';
import {
  type ArgumentConstraints,
  callFacts,
  checkCall,
  type Grant,
  type VerifiedCapability,
  writeAuthority,
} from '../../../src/capability/index.ts';
import { fromBase64Url } from '../../../src/encoding.ts';
import { argumentOrigins } from '../../../src/provenance/index.ts';
import { effort } from '../../effort.ts';
import { type Arena, judge, openArena } from '../../reference/index.ts';
import {
  AUDIENCE,
  AUTHORITY,
  at,
  issuerKey,
  opened,
  ROOT_KEY,
  unwrap,
} from '../../unit/fixtures/issuer.ts';
import { KINDS, type Sample } from './kinds/index.ts';
import { ATTESTED } from './kinds/origin.ts';
import { naivelyAllowed } from './naive.ts';
import { adversarial } from './values.ts';

const RUNS = effort(150, 500); // Tokens of each kind, with four calls each.
const TIMEOUT = 300_000; // Milliseconds; a kind takes some four seconds on an idle core.
const TOOL = 'x"); allow if true; //';
const NOW = new Date(at(1));

/** The memory of the reference grows with every use, which slows it down. */
let arena: Arena | undefined;
let uses = 0;
async function reference(): Promise<Arena['reference']> {
  if (arena && uses++ % 200 > 0) return arena.reference;
  arena?.close();
  arena = await openArena();
  return arena.reference;
}
afterAll(() => arena?.close());

interface Token {
  readonly text: string;
  readonly token: VerifiedCapability;
}

async function mint(constraints: ArgumentConstraints): Promise<Token> {
  const grants: readonly Grant[] = [
    { tool: TOOL, action: 'write', dataset: 'd', constraints },
    { tool: 'other', action: 'write', dataset: 'd' },
  ];
  const written = writeAuthority({ ...AUTHORITY, grants }, new Date(at(300)));
  // No issuer mints what does not fit a token.
  fc.pre(written.ok || written.error.code !== 'authority_over_limit');
  const authority = unwrap(written);
  const { Biscuit, PrivateKey } = await reference();
  const builder = Biscuit.builder();
  builder.addCodeWithParameters(authority.source, toParameters(authority), {});
  const text = builder.build(PrivateKey.fromString(ROOT_KEY)).toBase64().replace(/=+$/, '');
  return { text, token: await opened(text) };
}

interface Judged {
  /** False if the arguments are refused before any check. */
  readonly stated: boolean;
  readonly allowed: boolean;
  readonly code: string;
}

async function judged(
  { text, token }: Token,
  args: JsonObject,
  tool: string,
  also: boolean,
): Promise<Judged> {
  const call = await checkCall({ tool, action: 'write', dataset: ['d'], args });
  if (!call.ok) return { stated: false, allowed: false, code: call.error.code };
  const origins = argumentOrigins(call.value.nodes, ATTESTED);
  const facts = callFacts(NOW, AUDIENCE, { ...call.value, origins });
  const failed = token.failedChecks(facts);
  const allowed = failed.ok && failed.value.length === 0;
  if (also) {
    const authorizerCode = `${facts.map((each) => `${printFact(each)};`).join('\n')}\nallow if true;`;
    const rootKey = { algorithm: 'ed25519', hex: issuerKey.publicKey } as const;
    const bytes = fromBase64Url(text) ?? new Uint8Array();
    const { result } = judge(await reference(), { token: bytes, rootKey, authorizerCode });
    expect('Ok' in result, JSON.stringify({ args, result })).toBe(allowed);
  }
  return { stated: true, allowed, code: failed.ok ? 'ok' : failed.error.code };
}

const POINTERS = ['/a', '/a~1b', '/o/a', '/o/p/a'] as const;
type Pointer = (typeof POINTERS)[number];
const ARGUMENTS = ['a', 'a/b', 'o', 'free'];

const placed = (pointer: Pointer, value: Json): JsonObject =>
  ({
    '/a': { a: value },
    '/a~1b': { 'a/b': value },
    '/o/a': { o: { a: value } },
    '/o/p/a': { o: { p: { a: value } } },
  })[pointer];

/** Puts the value elsewhere, or not alone. */
const misplaced = (pointer: Pointer, value: Json): fc.Arbitrary<JsonObject> =>
  fc.constantFrom<JsonObject>(
    {},
    { free: value },
    { A: value },
    { ...placed(pointer, value), hidden: value },
    { ...placed(pointer, value), free: [value, { a: value }] },
    { o: value },
    { o: [value] },
    { o: {} },
    { o: { p: value } },
    { o: { p: {} } },
    { o: { p: { a: value, b: value } } },
    { o: { a: value, b: value } },
    { o: { a: value, p: { a: value } } },
    { a: { '': value } },
    { 'a~1b': value },
    { '/a': value },
    { a: { b: value } },
  );

const calls = (pointer: Pointer, { values }: Sample): fc.Arbitrary<JsonObject> => {
  const value = adversarial(values);
  return fc.oneof(
    { weight: 4, arbitrary: value.map((each) => placed(pointer, each)) },
    { weight: 1, arbitrary: value.chain((each) => misplaced(pointer, each)) },
  );
};

const attempts = (samples: fc.Arbitrary<Sample>) =>
  fc.tuple(samples, fc.constantFrom(...POINTERS)).chain(([sample, pointer]) =>
    fc.record({
      constraints: fc.constant({
        arguments: ARGUMENTS,
        constraints: { [pointer]: sample.constraint },
      }),
      args: fc.array(calls(pointer, sample), { minLength: 4, maxLength: 4 }),
    }),
  );

describe.each(Object.entries(KINDS))('%s', (kind, samples) => {
  test(
    `allows exactly what its model allows, over ${RUNS} tokens`,
    async () => {
      let run = 0;
      const seen = { allowed: 0, denied: 0, unstated: 0 };
      await fc.assert(
        fc.asyncProperty(attempts(samples), async ({ constraints, args }) => {
          const token = await mint(constraints);
          for (const each of args) {
            const { stated, allowed, code } = await judged(token, each, TOOL, run++ % 5 === 0);
            seen[!stated ? 'unstated' : allowed ? 'allowed' : 'denied']++;
            if (stated) expect(allowed).toBe(naivelyAllowed(each, constraints));
            // No check fails with an error, which would blame the token and not the call.
            if (stated) expect(code).toBe('ok');
          }
        }),
        { numRuns: RUNS, seed: 4 },
      );
      console.info(kind, JSON.stringify(seen));
      // A constant answer would pass in neither direction.
      expect(seen.allowed).toBeGreaterThan(RUNS / 10);
      expect(seen.denied).toBeGreaterThan(RUNS / 10);
    },
    TIMEOUT,
  );
});

test(
  'constraints do not affect another tool of the token, with any arguments',
  async () => {
    const any = fc
      .oneof(...Object.values(KINDS))
      .chain((sample) =>
        fc.tuple(fc.constant(sample), fc.array(adversarial(sample.values), { maxLength: 3 })),
      );
    await fc.assert(
      fc.asyncProperty(any, async ([{ constraint }, values]) => {
        const token = await mint({ arguments: ARGUMENTS, constraints: { '/a': constraint } });
        for (const value of values) {
          const { stated, allowed } = await judged(token, { a: value, b: value }, 'other', false);
          if (stated) expect(allowed).toBe(true);
        }
      }),
      { numRuns: RUNS, seed: 5 },
    );
  },
  TIMEOUT,
);
