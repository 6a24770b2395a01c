/** Tokens exchanged between Hewn's engine and the reference implementation. */
import { afterAll, describe, expect, test } from 'vitest';
import {
  appendThirdPartyBlock,
  authorize,
  createThirdPartyRequest,
  generateKeyPair,
  mint,
  narrow,
  type PublicKey,
  parseToken,
  publicKeyToText,
  seal,
  signThirdPartyBlock,
  type UnverifiedToken,
  verifyToken,
} from '../../../../src/biscuit/index.ts';
import { toHex } from '../../../../src/encoding.ts';
import { mint as mintByReference, openArena, type TokenPlan } from '../../../reference/index.ts';
import { good } from '../answers.ts';
import { allow, datalog, root, stranger } from './scene.ts';

const arena = await openArena();
const { reference } = arena;
afterAll(() => arena.close());

const algorithms = ['ed25519', 'secp256r1'] as const;
const party = publicKeyToText(stranger.publicKey);

/** Verifies and authorizes with `allow if true`; the revocation ids and blocks of a success. */
function judgedByReference(bytes: Uint8Array, key: PublicKey) {
  const kind = reference.SignatureAlgorithm[key.algorithm === 'ed25519' ? 'Ed25519' : 'Secp256r1'];
  const rootKey = reference.PublicKey.fromString(toHex(key.bytes), kind);
  const token = reference.Biscuit.fromBytes(bytes, rootKey);
  const builder = new reference.AuthorizerBuilder();
  builder.addCode('allow if true;');
  builder
    .buildAuthenticated(token)
    .authorizeWithLimits({ max_facts: 1_000, max_iterations: 100, max_time_micro: 1_000_000 });
  return {
    ids: token.getRevocationIdentifiers() as string[],
    sources: Array.from({ length: token.countBlocks() }, (_, id) => token.getBlockSource(id)),
  };
}

async function judgedByHewn(bytes: Uint8Array, key: PublicKey) {
  const verified = good(await verifyToken(good(parseToken(bytes)), key, { algorithms }));
  good(authorize(verified, allow));
  return {
    ids: verified.revocationIds.map(toHex),
    sources: verified.blocks.map((_, id) => good(verified.unverified.block(id)).source),
  };
}

async function expectAgreement(token: UnverifiedToken | Uint8Array, key = root.publicKey) {
  const bytes = token instanceof Uint8Array ? token : token.bytes;
  const ours = await judgedByHewn(bytes, key);
  expect(ours).toEqual(judgedByReference(bytes, key));
  return ours;
}

/** What both print alike: one statement of each kind that a version of Datalog has. */
const BLOCKS = [
  'a("b", 1, -1, 9223372036854775807, true, hex:0102, 2020-12-04T09:46:41Z);',
  'a({"z", "a", "read"}, {1, 2}, {,}); c($x) <- a($x, $y), $x > 1, $y.contains("é");',
  'check all a($x, $y), $x === 1 or true; check if true;',
  'reject if nothing(1);',
  'd([1, null, "x"], {"k": [true], 1: 2}); check if [1, 2].any($p -> $p > 1 && $p < 3);',
  `e(1); check if true trusting authority, ${party};`,
  'check if {1}.intersection({1}).contains(1), "abc".starts_with("a"), (1 + 2) * 3 === 9;',
];

describe('the engine reads tokens of biscuit-wasm', () => {
  const plans: readonly TokenPlan[] = [
    ...BLOCKS.map((code): TokenPlan => ({ blocks: [{ code }] })),
    { blocks: [{ code: 'a(1);' }, ...BLOCKS.map((code) => ({ code }))], rootKeyId: 3 },
    { blocks: [{ code: 'a(1);' }, { code: 'check if a(1);' }], sealed: true },
    {
      blocks: [
        { code: 'a(1);' },
        { code: 'g("staff");', signedBy: stranger.privateKey.toText() },
        { code: `check if g($x) trusting ${party};` },
      ],
    },
  ];
  test.each(plans.map((plan) => [JSON.stringify(plan).slice(0, 100), plan] as const))(
    '%s',
    async (_, plan) => {
      const bytes = mintByReference(reference, root.privateKey.toText(), plan);
      await expectAgreement(bytes);
      const token = good(parseToken(bytes));
      expect(token.rootKeyId).toBe(plan.rootKeyId);
      if (plan.sealed !== true)
        await expectAgreement(good(await narrow(token, datalog('check if true; n("é");'))));
    },
  );
});

describe('biscuit-wasm reads tokens of the engine', () => {
  test.each(BLOCKS)('%s', async (source) => {
    const block = datalog(source);
    let token = good(await mint({ rootKey: root.privateKey, rootKeyId: 1, block }));
    await expectAgreement(token);
    for (const next of BLOCKS) {
      token = good(await narrow(token, datalog(next)));
      await expectAgreement(token);
    }
    await expectAgreement(good(await seal(token)));
  });

  test('under a P-256 root key', async () => {
    const p256 = await generateKeyPair('secp256r1');
    const token = good(await mint({ rootKey: p256.privateKey, block: datalog('a(1);') }));
    await expectAgreement(token, p256.publicKey);
    const narrowed = good(await narrow(token, datalog('check if a(1);')));
    await expectAgreement(narrowed, p256.publicKey);
  });
});

describe('third-party blocks', () => {
  const block = `g("staff", 1); check if true trusting ${party};`;

  test('the engine signs a request of biscuit-wasm', async () => {
    const plan = { blocks: [{ code: 'a(1);' }, { code: 'check if a(1);' }] } as const;
    const bytes = mintByReference(reference, root.privateKey.toText(), plan);
    const rootKey = reference.PublicKey.fromString(
      toHex(root.publicKey.bytes),
      reference.SignatureAlgorithm.Ed25519,
    );
    const request = reference.Biscuit.fromBytes(bytes, rootKey).getThirdPartyRequest().toBytes();
    const token = good(parseToken(bytes));
    expect(request).toEqual(good(createThirdPartyRequest(token)));
    const signed = good(await signThirdPartyBlock(request, stranger.privateKey, datalog(block)));
    await expectAgreement(good(await appendThirdPartyBlock(token, signed)));
  });

  test('biscuit-wasm signs a request of the engine', async () => {
    const token = good(await mint({ rootKey: root.privateKey, block: datalog('a(1);') }));
    const request = reference.ThirdPartyRequest.fromBytes(good(createThirdPartyRequest(token)));
    const builder = new reference.BlockBuilder();
    builder.addCode(block);
    const secret = reference.PrivateKey.fromString(stranger.privateKey.toText());
    const signed = request.createBlock(secret, builder).toBytes();
    const extended = good(await appendThirdPartyBlock(token, signed));
    const { sources } = await expectAgreement(extended);
    expect(sources[1]).toBe(good(extended.block(1)).source);
    await expectAgreement(
      good(await narrow(extended, datalog(`check if g($x, $y) trusting ${party};`))),
    );
  });
});
