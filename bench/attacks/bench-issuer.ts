/** The issuer of the bench: that of tests, with a head that names who approves and who attests. */
import { type BlockSigner, generateKeyPair, publicKeyToText } from '../../src/biscuit/index.ts';
import { toHex } from '../../src/encoding.ts';
import { keyExtensions } from '../../src/feed/log/index.ts';
import type { ReceiptSigner } from '../../src/receipts/index.ts';
import { type TestIssuer, testIssuer } from '../../src/testing/index.ts';
import { createVerifier, type Feed, type Verifier } from '../../src/verifier/index.ts';

export const AUDIENCE = 'https://gateway.example';
const ISSUER = 'https://issuer.test'; // As tokens of `testIssuer` name it.
const KEY_ID = 1; // Of each list.

export interface BenchIssuer extends Pick<TestIssuer, 'mint' | 'clock'> {
  /** The verifier of a gateway, which charges each call together with its approval. */
  readonly verifier: Verifier;
  /** Signs what a person approves. */
  readonly approver: BlockSigner;
  /** Signs what the gateway serves. */
  readonly receipts: ReceiptSigner;
}

export async function benchIssuer(): Promise<BenchIssuer> {
  const { mint, clock, feed } = await testIssuer({ audience: AUDIENCE });
  const approver = await generateKeyPair();
  const [, approverKey = ''] = publicKeyToText(approver.publicKey).split('/');
  const signing = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const { privateKey, publicKey } = signing as CryptoKeyPair;
  const raw = new Uint8Array((await crypto.subtle.exportKey('raw', publicKey)) as ArrayBuffer);
  const key = { id: KEY_ID, until: null };
  const extensions = keyExtensions({
    receipt_keys: [{ ...key, public_key: toHex(raw), gateway: AUDIENCE }],
    approver_keys: [{ ...key, public_key: approverKey, approver: ISSUER, datasets: null }],
  });
  const withKeys: Feed = {
    get head() {
      return feed.head && { ...feed.head, extensions };
    },
    find: (query) => feed.find(query),
    refresh: () => feed.refresh(),
  };
  const options = { issuer: ISSUER, audience: AUDIENCE, keys: 'feed', feed: withKeys } as const;
  return {
    mint,
    clock,
    verifier: createVerifier({ ...options, now: clock.now, spendsApprovals: true }),
    approver: approver.privateKey,
    receipts: {
      gateway: AUDIENCE,
      keyId: KEY_ID,
      sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)),
    },
  };
}
