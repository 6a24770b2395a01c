import { mint, type PrivateKey, privateKeyFromText } from '../../../src/biscuit/index.ts';
import {
  findMintFault,
  type Minted,
  mint as mintByReference,
} from '../../../src/biscuit-wasm/index.ts';
import type { AuthorityBlock } from '../../../src/capability/index.ts';
import { toHex } from '../../../src/encoding.ts';
import { report } from '../../../src/report.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import type { IssuerConfig } from '../platform/config.ts';

/** The variables that a signer goes by. */
type SigningKeys = Pick<IssuerConfig, 'mintKey' | 'mintKeyId' | 'mintCheckEvery'>;

/**
 * Signs authority blocks with the active root key, by our own engine. The reference implementation
 * checks the first token of an isolate and every `mintCheckEvery`-th after it, before the token is
 * handed out. If it finds a fault, it signs that token and all later ones itself.
 */
export class Signer {
  readonly #keys: SigningKeys;
  readonly #key: PrivateKey;
  readonly #findFault: typeof findMintFault;
  #signed = 0;
  #isFaulty = false;

  constructor(keys: SigningKeys, findFault = findMintFault) {
    const key = privateKeyFromText(keys.mintKey);
    if (!key.ok) throw new Error(`the mint key is no private key: ${key.error.code}`);
    this.#keys = keys;
    this.#key = key.value;
    this.#findFault = findFault;
  }

  async sign(authority: AuthorityBlock): Promise<Minted> {
    const { mintKey, mintKeyId, mintCheckEvery } = this.#keys;
    if (!this.#isFaulty) {
      const minted = await this.#signByOwnEngine(authority);
      if (this.#signed++ % mintCheckEvery !== 0) return minted;
      const rootKey = await publicHex(mintKey);
      const why = this.#findFault(minted, { authority, rootKey, rootKeyId: mintKeyId });
      if (why === undefined) return minted;
      this.#isFaulty = true;
      report('mint.fault', { why, revocationId: minted.revocationId });
    }
    return mintByReference(authority, mintKey, mintKeyId);
  }

  /** An authority that was written within its limits is always signed: a refusal is a bug. */
  async #signByOwnEngine({ block }: AuthorityBlock): Promise<Minted> {
    const signed = await mint({ rootKey: this.#key, rootKeyId: this.#keys.mintKeyId, block });
    if (!signed.ok) throw new Error(`an authority block is not signed: ${signed.error.code}`);
    const { text, revocationIds } = signed.value;
    return { token: text, revocationId: toHex(revocationIds[0] ?? new Uint8Array()) };
  }
}

// The keys of a configuration do not change.
const signers = new WeakMap<SigningKeys, Signer>();

/** Returns the signer of a configuration; made once per isolate. */
export function signerOf(config: SigningKeys): Signer {
  let signer = signers.get(config);
  if (!signer) {
    signer = new Signer(config);
    signers.set(config, signer);
  }
  return signer;
}
