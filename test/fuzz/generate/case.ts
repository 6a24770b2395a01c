/** Complete cases: a token as lists of statements, and the authorizers that judge it. */
import { ALICE, BOB, CAROL, type Party } from '../../conformance/cases/case.ts';
import type { TokenPlan } from '../../reference/index.ts';
import { type Random, randomOf } from './random.ts';
import { type KnownFact, Statements } from './statements.ts';

export const CAMPAIGNS = ['theirs', 'ours', 'forged', 'bytes', 'text', 'regex'] as const;

/**
 * `theirs`: tokens of the reference. `ours`: tokens of our engine. `forged`: blocks with one
 * change, signed again so that the change is read. `bytes`: tokens with changed bytes or blocks.
 * `text`: authorizers with a changed character. `regex`: regular expressions and texts.
 */
export type Campaign = (typeof CAMPAIGNS)[number];

export type FuzzBlock = { readonly statements: readonly string[]; readonly signedBy?: Party };

export type FuzzToken = {
  readonly blocks: readonly FuzzBlock[];
  readonly sealed: boolean;
  readonly known: readonly KnownFact[];
};

const PARTIES = [ALICE, BOB, CAROL] as const;
const KEYS = PARTIES.map(({ key }) => key);
/**
 * Without `previous` in an authorizer, which the specification ignores and the reference does not.
 */
const AUTHORIZER_SCOPES = ['authority', ...KEYS];
const BLOCK_SCOPES = ['authority', 'previous', 'previous', ...KEYS];

const unique = (statements: readonly string[]): string[] => [...new Set(statements)];

function block(random: Random, isAuthority: boolean, known: KnownFact[]): FuzzBlock {
  const make = new Statements(random, random.chance(0.5) ? BLOCK_SCOPES : [], known);
  const scope = random.chance(0.1)
    ? [`trusting ${random.pick(['previous', ALICE.key, 'authority'])}`]
    : [];
  const statements = [
    ...scope,
    ...random.list(1, isAuthority ? 12 : 4, () => make.fact()),
    ...random.list(0, 2, () => make.rule()),
    // Rarely, so that some cases with several blocks are still allowed.
    ...random.list(0, random.chance(0.4) ? 2 : 0, () => make.check()),
  ];
  const isThirdParty = !isAuthority && random.chance(0.25);
  return {
    statements: unique(statements),
    ...(isThirdParty && { signedBy: random.pick(PARTIES) }),
  };
}

export function fuzzToken(seed: number): FuzzToken {
  const random = randomOf(seed);
  const known: KnownFact[] = [];
  return {
    blocks: random.list(1, 4, (i) => block(random, i === 0, known)),
    sealed: random.chance(0.15),
    known,
  };
}

export function fuzzAuthorizer(seed: number, token: FuzzToken): readonly string[] {
  const random = randomOf(seed);
  const make = new Statements(random, AUTHORIZER_SCOPES, [...token.known]);
  return unique([
    ...random.list(0, 8, () => make.fact()),
    ...random.list(0, 2, () => make.rule()),
    ...random.list(0, 1, () => make.check()),
    ...random.list(0, 2, () => make.policy()),
    ...(random.chance(0.8) ? ['allow if true'] : []),
  ]);
}

export const sourceOf = (statements: readonly string[]): string =>
  statements.map((statement) => `${statement};\n`).join('');

export function planOf({ blocks, sealed }: FuzzToken): TokenPlan {
  const [authority = { code: '' }, ...others] = blocks.map(({ statements, signedBy }) => ({
    code: sourceOf(statements),
    ...(signedBy && { signedBy: signedBy.secret }),
  }));
  return { blocks: [authority, ...others], sealed };
}
