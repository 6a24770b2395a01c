/** Properties that hold for every token, tested on generated ones: a holder can only narrow. */
import fc from 'fast-check';
import {
  type AuthorizerSource,
  authorize,
  type BiscuitError,
  type Block,
  narrow,
  parseAndVerify,
  parseAuthorizer,
  parseBlock,
  printBlock,
  publicKeyFromText,
  seal,
  type UnverifiedToken,
  type VerifiedToken,
} from '../../src/biscuit/index.ts';
import type { Result } from '../../src/result.ts';
import { ROOT_PUBLIC, ROOT_SECRET } from '../conformance/cases/case.ts';
import {
  type FuzzBlock,
  type FuzzToken,
  fuzzAuthorizer,
  fuzzToken,
  planOf,
  sourceOf,
} from '../fuzz/generate/case.ts';
import { mintWithEngine } from '../fuzz/mint.ts';
import { expectEqual, expectThat, type SuiteTest } from './suite.ts';

/** Small enough for every runtime. fast-check's message has the seed of a failure. */
const RUNS = 150;

function need<T>(result: Result<T, BiscuitError>, what: string): T {
  if (!result.ok) throw new Error(`${what}: ${result.error.code}`);
  return result.value;
}

const ROOT_KEY = need(publicKeyFromText(`ed25519/${ROOT_PUBLIC}`), 'root key');

/** All generated third parties, one of them with a P-256 key. */
const ALGORITHMS = { algorithms: ['ed25519', 'secp256r1'] } as const;

const verify = (token: UnverifiedToken) => parseAndVerify(token.bytes, ROOT_KEY, ALGORITHMS);

export async function mintPlan(plan: FuzzToken): Promise<UnverifiedToken> {
  return need(await mintWithEngine(`ed25519-private/${ROOT_SECRET}`, planOf(plan)), 'mint');
}

const unsealed = (plan: FuzzToken): FuzzToken => ({ ...plan, sealed: false });

const verified = async (token: UnverifiedToken): Promise<VerifiedToken> =>
  need(await verify(token), 'verify');

type Answer = { readonly allowed: boolean; readonly text: string; readonly code: string };

function answer(token: VerifiedToken, authorizer: AuthorizerSource): Answer {
  const result = authorize(token, { authorizer });
  return {
    allowed: result.ok,
    text: JSON.stringify(result.ok ? result.value.policyIndex : result.error),
    code: result.ok ? 'ok' : result.error.code,
  };
}

const blockOf = ({ statements }: FuzzBlock): Block =>
  need(parseBlock(sourceOf(statements)), 'block');

const onlyFactsAndRules = (block: Block): Block => ({ ...block, checks: [] });

type Narrowing = {
  readonly before: VerifiedToken;
  readonly after: VerifiedToken;
  readonly authorizer: AuthorizerSource;
};

/** A token, the same token with one more first-party block, and an authorizer. */
async function narrowed(
  seeds: readonly [number, number, number],
  change: (block: Block) => Block,
): Promise<Narrowing> {
  const [tokenSeed, blockSeed, authorizerSeed] = seeds;
  const plan = unsealed(fuzzToken(tokenSeed));
  const token = await mintPlan(plan);
  const [added = { statements: [] }] = fuzzToken(blockSeed).blocks;
  const next = need(await narrow(token, change(blockOf(added))), 'narrow');
  const source = sourceOf(fuzzAuthorizer(authorizerSeed, plan));
  return {
    before: await verified(token),
    after: await verified(next),
    authorizer: need(parseAuthorizer(source), 'authorizer'),
  };
}

const seeds = fc.tuple(fc.nat(), fc.nat(), fc.nat());

const holds = (name: string, property: fc.IAsyncProperty<unknown>, numRuns = RUNS): SuiteTest => ({
  name,
  run: () => fc.assert(property, { numRuns }),
});

/** A holder's own rules may cost or break only the holder's own token. */
const isOwnLoss = ({ code }: Answer): boolean =>
  !['ok', 'unauthorized', 'no_matching_policy'].includes(code);

/** The property of narrowing says nothing about a denied token, so enough must be allowed. */
let narrowedAndAllowed = 0;

export const PROPERTIES: readonly SuiteTest[] = [
  holds(
    'narrowing only narrows: what a token allows with a further block, it allows without it',
    fc.asyncProperty(seeds, async (chosen) => {
      const { before, after, authorizer } = await narrowed(chosen, (block) => block);
      if (answer(after, authorizer).allowed) {
        narrowedAndAllowed++;
        expectEqual(answer(before, authorizer), answer(after, authorizer), 'without the block');
      }
    }),
  ),
  {
    name: 'enough of those narrowed tokens were allowed',
    run: async () => {
      const least = RUNS / 10;
      expectThat(narrowedAndAllowed >= least, `${narrowedAndAllowed} of ${RUNS} allowed`);
    },
  },
  holds(
    "a holder's facts and rules do not change the decision",
    fc.asyncProperty(seeds, async (chosen) => {
      const { before, after, authorizer } = await narrowed(chosen, onlyFactsAndRules);
      const with_ = answer(after, authorizer);
      if (!isOwnLoss(with_)) expectEqual(with_, answer(before, authorizer), 'with the facts');
    }),
  ),
  holds(
    'a sealed token keeps its meaning, and takes no further block',
    fc.asyncProperty(seeds, async ([tokenSeed, blockSeed, authorizerSeed]) => {
      const plan = unsealed(fuzzToken(tokenSeed));
      const token = await mintPlan(plan);
      const sealed = need(await seal(token), 'seal');
      const source = sourceOf(fuzzAuthorizer(authorizerSeed, plan));
      const authorizer = need(parseAuthorizer(source), 'authorizer');
      const [first, second] = [await verified(token), await verified(sealed)];
      expectEqual(answer(second, authorizer), answer(first, authorizer), 'sealed');
      const [added = { statements: [] }] = fuzzToken(blockSeed).blocks;
      const again = await narrow(sealed, blockOf(added));
      expectThat(!again.ok && again.error.code === 'append_on_sealed', 'an invalid seal');
    }),
    RUNS / 3,
  ),
  holds(
    'the order of facts, rules and checks in a block does not matter',
    fc.asyncProperty(seeds, async ([tokenSeed, , authorizerSeed]) => {
      const plan = fuzzToken(tokenSeed);
      // The scope of a block comes first, wherever the statements go.
      const isScope = (statement: string): boolean => statement.startsWith('trusting ');
      const blocks = plan.blocks.map((block) => ({
        ...block,
        statements: [
          ...block.statements.filter(isScope),
          ...block.statements.filter((statement) => !isScope(statement)).reverse(),
        ],
      }));
      const source = sourceOf(fuzzAuthorizer(authorizerSeed, plan));
      const authorizer = need(parseAuthorizer(source), 'authorizer');
      const first = answer(await verified(await mintPlan(plan)), authorizer);
      const second = answer(await verified(await mintPlan({ ...plan, blocks })), authorizer);
      expectEqual(second.code, first.code, 'in another order');
    }),
    RUNS / 3,
  ),
  holds(
    'printed Datalog parses to what was printed',
    fc.asyncProperty(fc.nat(), async (tokenSeed) => {
      for (const block of fuzzToken(tokenSeed).blocks) {
        const printed = printBlock(blockOf(block));
        expectEqual(printBlock(need(parseBlock(printed), 'printed')), printed, 'print and parse');
      }
    }),
  ),
];
