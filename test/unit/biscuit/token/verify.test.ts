import { describe, expect, test } from 'vitest';
import {
  type Envelope,
  type SignedBlock,
  writeSignedBlock,
} from '../../../../src/biscuit/format/index.ts';
import {
  generateKeyPair,
  mint,
  narrow,
  parseAndVerify,
  parseToken,
  type UnverifiedToken,
  verifyToken,
} from '../../../../src/biscuit/index.ts';
import { DEFAULT_LIMITS } from '../../../../src/biscuit/limits.ts';
import { block, forgeToken, predicate } from '../../../forge/index.ts';
import { good, refusal } from '../answers.ts';
import { altered, datalog, root, sealed, stranger, tokenOf, verdict } from './scene.ts';

const chain = await tokenOf('a(1);', 'check if a(1);', 'check if a($x);', 'check if true;');
const forms = [
  ['that can be narrowed', chain],
  ['that is sealed', await sealed(chain)],
] as const;

const withBlocks = (
  token: UnverifiedToken,
  change: (blocks: SignedBlock[]) => readonly SignedBlock[],
) => altered(token, (envelope) => ({ ...envelope, blocks: change([...envelope.blocks]) }));

describe.each(forms)('a token %s', (_, token) => {
  test('verifies only under its root key', async () => {
    expect(await verdict(token)).toBe('verified');
    expect(await verdict(token.text)).toBe('verified');
    expect(await verdict(token.bytes)).toBe('verified');
    expect(await verdict(token, stranger.publicKey)).toBe('signature_invalid');
  });

  test.each([
    ['without its last block', (blocks: SignedBlock[]) => blocks.slice(0, -1)],
    ['without a block in the middle', ([a, , ...rest]: SignedBlock[]) => [a, ...rest]],
    ['with only the authority block', ([a]: SignedBlock[]) => [a]],
    ['with two blocks exchanged', ([a, b, c, d]: SignedBlock[]) => [a, c, b, d]],
    ['with another authority block', ([, b, c, d]: SignedBlock[]) => [b, c, d]],
    ['with a block twice', ([a, b, c, d]: SignedBlock[]) => [a, b, b, c, d]],
    ['with its last block twice', ([a, b, c, d]: SignedBlock[]) => [a, b, c, d, d]],
  ] as const)('%s is refused', async (_, change) => {
    const other = withBlocks(token, (blocks) => change(blocks).filter((one) => one !== undefined));
    expect(await verdict(other)).toMatch(/^(signature_invalid|proof_key_mismatch|seal_invalid)$/);
  });

  test('with a block of another token is refused', async () => {
    const other = await tokenOf('a(1);', 'check if a(1);', 'check if a($x);', 'check if true;');
    for (let at = 0; at < 4; at++) {
      const spliced = altered(token, (envelope) => {
        const blocks = [...envelope.blocks];
        altered(other, (donor) => {
          blocks[at] = donor.blocks[at] ?? (blocks[at] as SignedBlock);
          return donor;
        });
        return { ...envelope, blocks };
      });
      expect(await verdict(spliced)).not.toBe('verified');
    }
  });

  test('with any part of any block changed is refused', async () => {
    const flip = (bytes: Uint8Array) =>
      bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
    const changes: ((one: SignedBlock) => Omit<SignedBlock, 'bytes'>)[] = [
      (one) => ({ ...one, payload: flip(one.payload) }),
      (one) => ({ ...one, signature: flip(one.signature) }),
      (one) => ({ ...one, signature: one.signature.subarray(0, 63) }),
      (one) => ({ ...one, nextKey: { ...one.nextKey, bytes: flip(one.nextKey.bytes) } }),
      (one) => ({ ...one, version: 1 - one.version }),
    ];
    for (const change of changes)
      for (let at = 0; at < 4; at++) {
        const other = withBlocks(token, (blocks) =>
          blocks.map((one, index) => (index === at ? writeSignedBlock(change(one)) : one)),
        );
        expect(await verdict(other)).not.toBe('verified');
      }
  });
});

describe('the proof', () => {
  const withProof = (token: UnverifiedToken, proof: Envelope['proof']) =>
    verdict(altered(token, (envelope) => ({ ...envelope, proof })));
  const bytesOf = (token: UnverifiedToken) => {
    let bytes = new Uint8Array();
    altered(token, (envelope) => {
      bytes = new Uint8Array(envelope.proof.bytes);
      return envelope;
    });
    return bytes;
  };

  test('of another token is refused', async () => {
    const other = await tokenOf('a(1);', 'check if a(1);', 'check if a($x);', 'check if true;');
    const secret = { kind: 'secret', bytes: bytesOf(other) } as const;
    const seal = { kind: 'signature', bytes: bytesOf(await sealed(other)) } as const;
    expect(await withProof(chain, secret)).toBe('proof_key_mismatch');
    expect(await withProof(chain, seal)).toBe('seal_invalid');
  });

  test('of one kind is not valid as the other kind', async () => {
    const seal = bytesOf(await sealed(chain));
    expect(await withProof(chain, { kind: 'secret', bytes: seal })).toBe('key_size_invalid');
    const secret = { kind: 'signature', bytes: bytesOf(chain) } as const;
    expect(await withProof(chain, secret)).toBe('seal_invalid');
  });

  test.each([0, 31, 33, 64])('of %i bytes is rejected as a secret', async (length) => {
    const bytes = new Uint8Array(length);
    expect(await withProof(chain, { kind: 'secret', bytes })).toBe('key_size_invalid');
  });

  test('a sealed token contains no secret', async () => {
    const token = await sealed(chain);
    expect(token.isSealed).toBe(true);
    expect(refusal(await narrow(token, datalog('check if true;')))).toEqual({
      code: 'append_on_sealed',
    });
  });
});

describe('every bit of a small token', () => {
  test('is protected, except for the root key id', async () => {
    const small = good(
      await mint({ rootKey: root.privateKey, rootKeyId: 7, block: datalog('a();') }),
    );
    const token = good(await narrow(small, datalog('check if a();')));
    for (const form of [token, await sealed(token)]) {
      const bytes = form.bytes;
      const survivors: number[] = [];
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const copy = bytes.slice();
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        if ((await verdict(copy)) === 'verified') survivors.push(bit);
      }
      // Byte 0 is the tag and byte 1 the value of the root key id. A tag of field 13 or 9 is
      // unknown and is skipped.
      expect(survivors.every((bit) => bit < 16)).toBe(true);
    }
  });

  test('no byte can be removed or inserted', async () => {
    const { bytes } = await tokenOf('a();', 'check if a();');
    for (let at = 0; at < bytes.length; at++) {
      expect(await verdict(bytes.subarray(0, at))).not.toBe('verified');
      const shorter = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
      expect(await verdict(shorter)).not.toBe('verified');
    }
    expect(await verdict(Uint8Array.from([...bytes, 0]))).toBe('token_malformed');
  });
});

describe('the root key', () => {
  test('is found whatever the hint says, and the hinted one is tried first', async () => {
    const block = datalog('a();');
    const token = good(await mint({ rootKey: root.privateKey, rootKeyId: 2, block }));
    expect(token.rootKeyId).toBe(2);
    const others = [{ id: 1, key: stranger.publicKey }];
    for (const id of [2, 3, undefined]) {
      const key = { key: root.publicKey, ...(id === undefined ? {} : { id }) };
      expect(await verdict(token, [...others, key])).toBe('verified');
      expect(await verdict(token, [key, ...others])).toBe('verified');
    }
    expect(await verdict(token, others)).toBe('signature_invalid');
    expect(await verdict(token, [])).toBe('root_key_unknown');
    const verified = good(await verifyToken(token, [...others, { id: 2, key: root.publicKey }]));
    expect(verified.rootKey).toBe(root.publicKey);
  });

  test('of P-256 is rejected unless the caller allows it, and so is a next key', async () => {
    const p256 = await generateKeyPair('secp256r1');
    const token = good(await mint({ rootKey: p256.privateKey, block: datalog('a();') }));
    const algorithms = ['ed25519', 'secp256r1'] as const;
    expect(await verdict(token, p256.publicKey)).toBe('key_algorithm_refused');
    expect(await verdict(token, p256.publicKey, { algorithms })).toBe('verified');
    expect(await verdict(token, p256.publicKey, { algorithms: ['secp256r1'] })).toBe(
      'key_algorithm_refused',
    );
    const keys = [{ key: p256.publicKey }, { key: root.publicKey }];
    expect(await verdict(await tokenOf('a();'), keys)).toBe('verified');
    expect(await verdict(token, keys)).toBe('signature_malformed');
  });
});

describe('signed bytes that are not a block', () => {
  const seed = root.privateKey.toBytes();
  const forge = async (data: Uint8Array<ArrayBuffer>) =>
    verdict(await forgeToken({ rootSeed: seed, blocks: [{ data }] }));

  test.each([
    ['junk', Uint8Array.of(255), 'block_malformed'],
    ['no version', block({ version: null }), 'block_version_unsupported'],
    ['an unknown symbol', block({ facts: [predicate(1024)] }), 'symbol_unknown'],
    ['a default symbol again', block({ symbols: ['read'] }), 'symbol_table_overlap'],
  ])('%s is not verified', async (_, data, code) => {
    expect(await forge(data)).toBe(code);
  });

  test('nothing is decoded before the signature is verified', async () => {
    const bytes = await forgeToken({ rootSeed: seed, blocks: [{ data: Uint8Array.of(255) }] });
    expect(await verdict(bytes, stranger.publicKey)).toBe('signature_invalid');
  });
});

describe('limits', () => {
  test('on bytes apply before anything is decoded', async () => {
    const long = 'A'.repeat(22_000);
    expect(refusal(parseToken(long))).toMatchObject({ limit: 'tokenBytesMax' });
    expect(refusal(parseToken(new Uint8Array(16_385)))).toMatchObject({ limit: 'tokenBytesMax' });
    expect(refusal(parseToken('A'.repeat(21_844)))).toMatchObject({ code: 'token_malformed' });
    expect(refusal(await parseAndVerify(long, root.publicKey))).toMatchObject({
      limit: 'tokenBytesMax',
    });
  });

  test('on blocks apply to the reader and to a holder who appends', async () => {
    const limits = { ...DEFAULT_LIMITS, blocksMax: 4 };
    const token = good(parseToken(chain.text, limits));
    expect(refusal(parseToken(chain.text, { ...limits, blocksMax: 3 }))).toEqual({
      code: 'limit_exceeded',
      limit: 'blocksMax',
      maximum: 3,
    });
    expect(refusal(await narrow(token, datalog('check if true;')))).toMatchObject({
      limit: 'blocksMax',
    });
  });
});

test.each(['', '====', 'biscuit:AAAA', 'A', 'AB+/', 'a b', '\n'])(
  '%j is no token',
  async (text) => {
    expect(await verdict(text)).toMatch(/^(base64_invalid|token_malformed)$/);
  },
);

test('padding is accepted and does not create a different token', async () => {
  for (const authority of ['a();', 'ab();', 'abc();']) {
    const token = await tokenOf(authority);
    const padded = token.text.padEnd(Math.ceil(token.text.length / 4) * 4, '=');
    expect(good(parseToken(padded)).text).toBe(token.text);
    expect(good(parseToken(Buffer.from(token.bytes))).text).toBe(token.text);
  }
});

test('a token does not change when its input bytes are changed later', async () => {
  const bytes = Buffer.from(chain.bytes);
  const token = good(parseToken(bytes));
  bytes.fill(0);
  token.bytes.fill(0);
  for (const id of token.revocationIds) id.fill(0);
  expect(await verdict(token)).toBe('verified');
  expect(token.text).toBe(chain.text);
});
