/** Our engine, as a gateway uses it: the policy is parsed once, a request brings facts as data. */
import {
  authorize,
  type ChainCache,
  createChainCache,
  type Fact,
  narrow,
  parseAndVerify,
  parseAuthorizer,
  parseBlock,
  parseToken,
  publicKeyFromText,
} from '../../src/biscuit/index.ts';
import type { Result } from '../../src/result.ts';
import type { Contestant, Fixture } from './contest.ts';

function need<T>(result: Result<T, { readonly code: string }>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

export async function makeHewn(fixture: Fixture): Promise<Contestant> {
  const rootKey = need(publicKeyFromText(`ed25519/${fixture.rootPublicKey}`));
  const authorizer = need(parseAuthorizer(fixture.authorizer));
  const facts: readonly Fact[] = need(parseAuthorizer(fixture.requestFacts)).facts;
  const held = need(parseToken(fixture.token));
  const built = need(parseBlock(fixture.blockCode));
  const verified = need(await parseAndVerify(fixture.token, rootKey));

  let cache: ChainCache = createChainCache();
  /** Tokens that share the cached chain and end in a block that nobody has seen. */
  let steps: string[] = [];
  let step = 0;

  const decide = async (text: string, known?: ChainCache): Promise<void> => {
    const options = known === undefined ? {} : { cache: known };
    const token = need(await parseAndVerify(text, rootKey, options));
    need(authorize(token, { authorizer, facts }));
  };

  return {
    prepare: async (operation, iterations) => {
      if (operation !== 'step' && operation !== 'again') return;
      cache = createChainCache();
      await decide(fixture.token, cache);
      if (operation !== 'step') return;
      steps = [];
      step = 0;
      for (let i = 0; i < iterations; i++) steps.push(need(await narrow(held, built)).text);
    },
    operations: {
      cold: () => decide(fixture.token),
      step: () => decide(steps[step++] ?? '', cache),
      again: () => decide(fixture.token, cache),
      narrow: async () => {
        need(await narrow(held, need(parseBlock(fixture.blockCode)))).text.at(0);
      },
      'narrow-built': async () => {
        need(await narrow(held, built)).text.at(0);
      },
      authorize: () => {
        need(authorize(verified, { authorizer, facts }));
      },
    },
  };
}
