/**
 * Makes our own vectors from their cases with the reference, which mints where it can and always
 * judges.
 */
import { anatomyOf, type Bytes, forgeToken } from '../forge/index.ts';
import { judge, mint, type Reference, withFixedRandomness } from '../reference/index.ts';
import { ROOT_PUBLIC, ROOT_SECRET, ROOT_SEED, type VectorCase } from './cases/index.ts';
import type { BlockContent, SampleCase, Samples, Validation } from './format.ts';
import type { Outcome } from './outcome.ts';

export type Vector = { readonly sample: SampleCase; readonly bytes: Bytes };

const question = (token: Bytes, authorizerCode: string) => ({
  token,
  rootKey: { algorithm: 'ed25519' as const, hex: ROOT_PUBLIC },
  authorizerCode,
});

/** The token before and after it was modified; the same if it was not. */
export async function makeToken(reference: Reference, { name, token }: VectorCase) {
  if ('forged' in token) {
    const whole = await forgeToken({ rootSeed: ROOT_SEED, ...token.forged });
    return { whole, bytes: whole };
  }
  const secret = `ed25519-private/${ROOT_SECRET}`;
  const whole = withFixedRandomness(name, () => mint(reference, secret, token.plan));
  return { whole, bytes: token.tamper?.(whole) ?? whole };
}

/** For an unreadable token: the content of its tables, and no source. */
const unread = (token: Bytes): BlockContent[] =>
  anatomyOf(token).map((block) => ({
    symbols: [...block.symbols],
    public_keys: [...block.publicKeys],
    external_key: block.externalKey,
    code: '',
    version: block.version,
  }));

/** As the official generator does: no code and no world if there is nothing to authorize. */
const validation = (outcome: Outcome, code: string): Validation => ({
  world: outcome.world,
  result: outcome.result as Validation['result'],
  authorizer_code: outcome.revocationIds.length === 0 ? '' : code,
  revocation_ids: [...outcome.revocationIds],
});

export async function makeVector(reference: Reference, vectorCase: VectorCase): Promise<Vector> {
  const { name, title, authorizers } = vectorCase;
  const { whole, bytes } = await makeToken(reference, vectorCase);
  const outcomes = Object.entries(authorizers).map(
    ([key, code]) => [key, code, judge(reference, question(bytes, code))] as const,
  );
  const { blocks } = judge(reference, question(whole, 'allow if true;'));
  return {
    bytes,
    sample: {
      title,
      filename: `${name}.bc`,
      token: [...(blocks ?? unread(whole))],
      validations: Object.fromEntries(
        outcomes.map(([key, code, outcome]) => [key, validation(outcome, code)]),
      ),
    },
  };
}

export const samplesOf = (vectors: readonly Vector[]): Samples => ({
  root_private_key: ROOT_SECRET,
  root_public_key: ROOT_PUBLIC,
  testcases: vectors.map(({ sample }) => sample),
});
