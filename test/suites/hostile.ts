/** Every hostile token is denied, for the right reason, with bounded work. */

import { decide, loadWorld } from '../../src/biscuit/datalog/index.ts';
import {
  type BiscuitError,
  DEFAULT_LIMITS,
  parseAndVerify,
  parseAuthorizer,
  publicKeyFromBytes,
} from '../../src/biscuit/index.ts';
import {
  type Bytes,
  block,
  DEFAULT_SYMBOL,
  forgeToken,
  predicate,
  signerOf,
  term,
} from '../forge/index.ts';
import { DATALOG_BOMBS } from '../hostile/datalog.ts';
import { HOSTILE_ENVELOPES } from '../hostile/envelopes.ts';
import { type HostileToken, ROOT_SEED } from '../hostile/hostile.ts';
import { HOSTILE_KEYS } from '../hostile/keys.ts';
import { expectThat, type SuiteTest } from './suite.ts';

const HONEST = block({
  facts: [predicate(DEFAULT_SYMBOL.right, term.string(DEFAULT_SYMBOL.read))],
});

const buildToken = (token: HostileToken): Promise<Bytes> =>
  'bytes' in token
    ? token.bytes()
    : forgeToken({
        rootSeed: ROOT_SEED,
        blocks: [{ data: HONEST, signatureVersion: 1 }, ...token.blocks],
      });

/** Work beyond a limit: the most that one step can cost before it is counted. */
const OVERSHOOT = 1.1;

function authorizeCounted(token: HostileToken, blocks: Parameters<typeof loadWorld>[0]['blocks']) {
  const authorizer = parseAuthorizer('allow if right("read");');
  expectThat(authorizer.ok, 'the authorizer parses');
  const world = loadWorld({ blocks, authorizer: authorizer.value });
  if (!world.ok) return world.error;
  const decision = decide(world.value);
  const { joinSteps, expressionSteps, stringUnits, regexSteps } = world.value.run;
  const spent = [
    ['joinStepsMax', joinSteps],
    ['expressionStepsMax', expressionSteps],
    ['stringUnitsMax', stringUnits],
    ['regexStepsMax', regexSteps],
  ] as const;
  for (const [limit, steps] of spent) {
    const most = DEFAULT_LIMITS[limit] * OVERSHOOT;
    expectThat(steps <= most, `${token.name}: ${steps} of ${limit} ${DEFAULT_LIMITS[limit]}`);
  }
  return decision.ok ? undefined : decision.error;
}

/** Symbol and key numbers may be too large for JSON. */
const show = (error: BiscuitError): string =>
  JSON.stringify(error, (_, value) => (typeof value === 'bigint' ? String(value) : value));

const isExpected = (error: BiscuitError, { limits = [], codes = [] }: HostileToken['denied']) =>
  error.code === 'limit_exceeded' && limits.length > 0
    ? limits.includes(error.limit)
    : codes.includes(error.code);

async function expectDenied(token: HostileToken): Promise<void> {
  const { publicKey } = await signerOf(ROOT_SEED);
  const rootKey = publicKeyFromBytes('ed25519', publicKey);
  expectThat(rootKey.ok, 'the root key is valid');
  const verified = await parseAndVerify(await buildToken(token), rootKey.value);
  const error = verified.ok ? authorizeCounted(token, verified.value.blocks) : verified.error;
  expectThat(error !== undefined, `${token.name}: allowed`);
  expectThat(isExpected(error, token.denied), `${token.name}: denied with ${show(error)}`);
}

const each = (name: string, tokens: readonly HostileToken[]): SuiteTest => ({
  name: `${tokens.length} ${name}`,
  run: async () => {
    const failures: string[] = [];
    for (const token of tokens) {
      await expectDenied(token).catch((error: Error) => failures.push(error.message));
    }
    expectThat(failures.length === 0, failures.join('\n'));
  },
});

export const HOSTILE_SUITE: readonly SuiteTest[] = [
  each('bombs of Datalog are denied', DATALOG_BOMBS),
  each('hostile envelopes are denied', HOSTILE_ENVELOPES),
  each('tokens with hostile keys and signatures are denied', HOSTILE_KEYS),
];
