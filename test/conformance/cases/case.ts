/** The form of the cases of our own vectors. */
import type { Bytes, ForgedToken } from '../../forge/index.ts';
import type { BlockPlan, TokenPlan } from '../../reference/index.ts';

/** The keys of the vectors. Nothing here is a secret. */
const seedHex = (pair: string): string => pair.repeat(32);

export const ROOT_SEED = new Uint8Array(32).fill(0x11);
export const ROOT_SECRET = seedHex('11');
export const ROOT_PUBLIC = 'd04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737';

export type Party = { readonly secret: string; readonly key: string };

export const ALICE: Party = {
  secret: `ed25519-private/${seedHex('a1')}`,
  key: 'ed25519/bc7cbcb5636375fa1d82434d466724d92377f53b980695dd49d26d0ce12205a5',
};
export const BOB: Party = {
  secret: `ed25519-private/${seedHex('b0')}`,
  key: 'ed25519/705fbac01f5519899f437bc42e40255ae9ab54bff00de3433af7d687d9e71ad5',
};
/** A party with a P-256 key. */
export const CAROL: Party = {
  secret: `secp256r1-private/${seedHex('ca')}`,
  key: 'secp256r1/02852f9088a93ab401e19dc3b8f43ffa0a4d3384b90c21e6c10da943da1a1923a3',
};

export type VectorCase = {
  /** The file name without its extension. */
  readonly name: string;
  readonly title: string;
  /**
   * Minted by the reference, and modified afterwards if `tamper` is given; or assembled by hand.
   */
  readonly token:
    | { readonly plan: TokenPlan; readonly tamper?: (token: Bytes) => Bytes }
    | { readonly forged: Omit<ForgedToken, 'rootSeed'> };
  /** Authorizer code by the name of the validation. */
  readonly authorizers: Readonly<Record<string, string>>;
};

export const ALLOW = { '': 'allow if true;' };

type Code = string | BlockPlan;

const plan = (block: Code): BlockPlan => (typeof block === 'string' ? { code: block } : block);

/** A third-party block. */
export const by = (party: Party, code: string): BlockPlan => ({ code, signedBy: party.secret });

export function minted(
  name: string,
  title: string,
  [authority, ...others]: readonly [Code, ...Code[]],
  authorizers: VectorCase['authorizers'] = ALLOW,
  options: Omit<TokenPlan, 'blocks'> & { readonly tamper?: (token: Bytes) => Bytes } = {},
): VectorCase {
  const { tamper, ...rest } = options;
  const blocks: TokenPlan['blocks'] = [plan(authority), ...others.map(plan)];
  const token = { plan: { ...rest, blocks }, ...(tamper && { tamper }) };
  return { name, title, token, authorizers };
}

export const forged = (
  name: string,
  title: string,
  token: Omit<ForgedToken, 'rootSeed'>,
  authorizers: VectorCase['authorizers'] = ALLOW,
): VectorCase => ({ name, title, token: { forged: token }, authorizers });
