/** Returns the reference implementation's verdict on one validation. */
import type { BlockContent } from '../conformance/format.ts';
import type { Outcome, Variant } from '../conformance/outcome.ts';
import { anatomyOf } from '../forge/anatomy.ts';
import type { Reference } from './arena.ts';
import { readWorld } from './world.ts';

export type RootKey = { readonly algorithm: 'ed25519' | 'secp256r1'; readonly hex: string };

export type Question = {
  readonly token: Uint8Array;
  readonly rootKey: RootKey;
  readonly authorizerCode: string;
};

/** The reference's own defaults, spelled out. Time never runs out: see the arena's clock. */
const LIMITS = { max_facts: 1_000, max_iterations: 100, max_time_micro: 1_000 };

type Biscuit = ReturnType<Reference['Biscuit']['fromBytes']>;
type Authorizer = ReturnType<Biscuit['getAuthorizer']>;

/** The reference throws plain objects, its variants. An `Error` is a trap and not an answer. */
function variantOf(thrown: unknown): Variant {
  if (thrown instanceof Error) throw thrown;
  return thrown as Variant;
}

const attempt = <T>(run: () => T): { readonly Ok: T } | { readonly Err: Variant } => {
  try {
    return { Ok: run() };
  } catch (thrown) {
    return { Err: variantOf(thrown) };
  }
};

/** Returns the blocks as the official data lists them, or undefined if one cannot be read. */
function contents(biscuit: Biscuit, token: Uint8Array): readonly BlockContent[] | undefined {
  const blocks = attempt(() =>
    anatomyOf(token).map((block, i) => ({
      symbols: [...block.symbols],
      public_keys: [...block.publicKeys],
      external_key: block.externalKey,
      code: biscuit.getBlockSource(i),
      version: block.version,
    })),
  );
  return 'Ok' in blocks ? blocks.Ok : undefined;
}

function decide(reference: Reference, biscuit: Biscuit, code: string) {
  const built = attempt((): Authorizer => {
    const builder = new reference.AuthorizerBuilder();
    builder.addCode(code);
    return builder.buildAuthenticated(biscuit);
  });
  if ('Err' in built) return { result: built, world: null };
  const result = attempt(() => built.Ok.authorizeWithLimits(LIMITS));
  return { result, world: readWorld(built.Ok.toString()) };
}

export function judge(reference: Reference, question: Question): Outcome {
  const { token, rootKey, authorizerCode } = question;
  const algorithm =
    rootKey.algorithm === 'ed25519'
      ? reference.SignatureAlgorithm.Ed25519
      : reference.SignatureAlgorithm.Secp256r1;
  const key = reference.PublicKey.fromString(rootKey.hex, algorithm);
  const parsed = attempt(() => reference.Biscuit.fromBytes(token, key));
  if ('Err' in parsed) {
    return { blocks: undefined, result: parsed, world: null, revocationIds: [] };
  }
  return {
    ...decide(reference, parsed.Ok, authorizerCode),
    blocks: contents(parsed.Ok, token),
    revocationIds: parsed.Ok.getRevocationIdentifiers() as string[],
  };
}
