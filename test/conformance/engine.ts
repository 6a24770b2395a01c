/** The verdict of Hewn's own engine on one validation, in the shapes of the official format. */
import { publicKeyFromText, publicKeyToText } from '../../src/biscuit/crypto/index.ts';
import {
  type AuthorizerSource,
  decide,
  describeWorld,
  type Extern,
  loadWorld,
  type OriginName,
  parseAuthorizer,
  type WorldText,
} from '../../src/biscuit/datalog/index.ts';
import type { BiscuitError } from '../../src/biscuit/errors.ts';
import { referenceVariant } from '../../src/biscuit/reference-variant.ts';
import { parseToken, type VerifiedToken, verifyToken } from '../../src/biscuit/token/index.ts';
import { toHex } from '../../src/encoding.ts';
import { ok, refuse } from '../../src/result.ts';
import { AUTHORIZER_ORIGIN, type BlockContent, type World } from './format.ts';
import { compareOrigins, sortText } from './order.ts';
import type { Outcome, Variant } from './outcome.ts';
import type { Question } from './runner.ts';

/** The function that the official case of external functions calls, as its generator defines it. */
const test: Extern = (left, right) => {
  if (right === undefined) return ok(left);
  if (left.kind !== 'string' || right.kind !== 'string') return refuse('unsupported operands');
  const value = left.value === right.value ? 'equal strings' : 'different strings';
  return ok({ kind: 'string', value });
};

/** A refusal that has no variant in the reference keeps our code. */
const variantOf = (error: BiscuitError): Variant =>
  referenceVariant(error) ?? {
    Hewn: 'limit' in error ? `${error.code} ${error.limit}` : error.code,
  };

const factOrigin = (origin: readonly OriginName[]): (number | null)[] =>
  origin.map((name) => (name === 'authorizer' ? null : name));

const ruleOrigin = (origin: OriginName): number =>
  origin === 'authorizer' ? AUTHORIZER_ORIGIN : origin;

/** The official data sorts the texts of a world, and its fact sets by origin. */
const worldOf = ({ facts, rules, checks, policies }: WorldText): World => ({
  facts: facts
    .map((set) => ({ origin: factOrigin(set.origin), facts: sortText(set.facts) }))
    .sort((a, b) => compareOrigins(a.origin, b.origin)),
  rules: rules.map((set) => ({ origin: ruleOrigin(set.origin), rules: sortText(set.rules) })),
  checks: checks.map((set) => ({ origin: ruleOrigin(set.origin), checks: sortText(set.checks) })),
  policies: [...policies],
});

function contents(token: VerifiedToken): readonly BlockContent[] {
  return token.blocks.map((_, blockId) => {
    const view = token.unverified.block(blockId);
    if (!view.ok) throw new Error(`a verified block cannot be read: ${JSON.stringify(view.error)}`);
    const { block, externalKey, symbols, publicKeys, source } = view.value;
    return {
      symbols: [...symbols],
      public_keys: publicKeys.map(publicKeyToText),
      external_key: externalKey === undefined ? null : publicKeyToText(externalKey),
      code: source,
      version: block.version ?? 0,
    };
  });
}

function authorized(token: VerifiedToken, authorizer: AuthorizerSource) {
  const world = loadWorld({ blocks: token.blocks, authorizer, externs: { test } });
  if (!world.ok) return { result: { Err: variantOf(world.error) }, world: null };
  const decision = decide(world.value);
  const result = decision.ok
    ? { Ok: decision.value.policyIndex }
    : { Err: variantOf(decision.error) };
  return { result, world: worldOf(describeWorld(world.value)) };
}

export async function judgeWithEngine(question: Question): Promise<Outcome> {
  const { token, rootPublicKey, authorizerCode } = question;
  const unread = (error: BiscuitError): Outcome => ({
    blocks: undefined,
    result: { Err: variantOf(error) },
    world: null,
    revocationIds: [],
  });
  const rootKey = publicKeyFromText(`ed25519/${rootPublicKey}`);
  if (!rootKey.ok) return unread(rootKey.error);
  const parsed = parseToken(token);
  if (!parsed.ok) return unread(parsed.error);
  const verified = await verifyToken(parsed.value, rootKey.value, {
    algorithms: ['ed25519', 'secp256r1'],
  });
  if (!verified.ok) return unread(verified.error);
  const revocationIds = verified.value.revocationIds.map(toHex);
  const blocks = contents(verified.value);
  const authorizer = parseAuthorizer(authorizerCode);
  if (!authorizer.ok) {
    return { blocks, revocationIds, world: null, result: { Err: variantOf(authorizer.error) } };
  }
  return { blocks, revocationIds, ...authorized(verified.value, authorizer.value) };
}
