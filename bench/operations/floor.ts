/**
 * The floor of a cold verification with two caveat blocks: three Ed25519 verifications by the
 * platform and one public key derived from a secret, over the blocks of the tokens that the engine
 * verifies. Nothing is parsed or decided. `floor` has imported all three keys before, as if it knew
 * the token; the other floor imports the two keys that come with the token.
 */
import { concatBytes } from '../../src/encoding.ts';
import { counter } from './counter.ts';
import type { Issued } from './engine.ts';

const PKCS8 = [
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04],
  0x20,
];
/** The signed bytes of one block of these tokens. */
const MESSAGE_BYTES = 220;
const BLOCKS = 3;

interface Signed {
  readonly key: CryptoKey;
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly signature: ArrayBuffer;
}

export async function floorOperations({ tokens }: Issued) {
  const chains = await Promise.all(
    tokens.map(() => Promise.all(Array.from({ length: BLOCKS }, sign))),
  );
  const secrets = chains.map(() => crypto.getRandomValues(new Uint8Array(32)));
  const next = counter(chains.length);
  const floor = async (keyOf: (signed: Signed, at: number) => CryptoKey | Promise<CryptoKey>) => {
    const i = next();
    const pending = (chains[i] ?? []).map(async (signed, at) => {
      const key = await keyOf(signed, at);
      return crypto.subtle.verify('Ed25519', key, signed.signature, signed.message);
    });
    pending.push(derive(secrets[i] ?? new Uint8Array(32)));
    if ((await Promise.all(pending)).includes(false)) throw new Error('the floor lacks an input');
  };
  const imported = ({ raw }: Signed) =>
    crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
  return {
    floor: () => floor(({ key }) => key),
    // The issuer's key is known. The other keys come with the token.
    'floor, keys imported': () => floor((s, at) => (at === 0 ? s.key : imported(s))),
  };
}

async function sign(): Promise<Signed> {
  const usages = ['sign', 'verify'] as const;
  const pair = (await crypto.subtle.generateKey('Ed25519', true, [...usages])) as CryptoKeyPair;
  const message = crypto.getRandomValues(new Uint8Array(MESSAGE_BYTES));
  const signature = await crypto.subtle.sign('Ed25519', pair.privateKey, message);
  const raw = new Uint8Array((await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer);
  return { key: pair.publicKey, raw, message, signature };
}

async function derive(secret: Uint8Array): Promise<boolean> {
  const pkcs8 = concatBytes(Uint8Array.from(PKCS8), secret);
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  return 'x' in (await crypto.subtle.exportKey('jwk', key));
}
