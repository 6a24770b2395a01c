import { describe, expect, expectTypeOf, test } from 'vitest';
import { readEnvelope } from '../../../../src/biscuit/format/index.ts';
import {
  appendThirdPartyBlock,
  authorize,
  createThirdPartyRequest,
  fact,
  generateKeyPair,
  mint,
  narrow,
  parseAndVerify,
  parseToken,
  publicKeyToText,
  seal,
  signThirdPartyBlock,
  type UnverifiedToken,
  type VerifiedToken,
  verifyToken,
  type worldOf,
} from '../../../../src/biscuit/index.ts';
import { DEFAULT_LIMITS } from '../../../../src/biscuit/limits.ts';
import { toBase64Url, toHex } from '../../../../src/encoding.ts';
import { bytes, int } from '../../../forge/index.ts';
import { good, refusal } from '../answers.ts';
import { allow, datalog, root, stranger, tokenOf, verdict } from './scene.ts';

const versions = (token: UnverifiedToken) =>
  good(readEnvelope(token.bytes, DEFAULT_LIMITS)).blocks.map(({ version }) => version);

test('an unverified token cannot be authorized', () => {
  expectTypeOf<UnverifiedToken>().not.toExtend<Parameters<typeof authorize>[0]>();
  expectTypeOf<UnverifiedToken>().not.toExtend<Parameters<typeof worldOf>[0]>();
  expectTypeOf<VerifiedToken>().toExtend<Parameters<typeof authorize>[0]>();
  expectTypeOf<VerifiedToken>().not.toExtend<UnverifiedToken>();
});

describe('inspecting a token', () => {
  test('without a key', async () => {
    const key = publicKeyToText(stranger.publicKey);
    const token = await tokenOf('a("b");', `check if a($x) trusting ${key};`);
    expect([token.blockCount, token.isSealed, token.rootKeyId]).toEqual([2, false, undefined]);
    const second = good(token.block(1));
    expect(second.source).toBe(`check if a($x) trusting ${key};\n`);
    expect([second.symbols, second.publicKeys]).toEqual([['x'], [stranger.publicKey]]);
    expect([second.block.version, second.externalKey]).toEqual([4, undefined]);
    expect(good(token.block(0)).symbols).toEqual(['a', 'b']);
    expect(() => token.block(2)).toThrow(RangeError);
    const ids = token.revocationIds.map(toHex);
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => id.length === 128)).toBe(true);
  });

  test('its context', async () => {
    const block = { ...datalog('a();'), context: 'für Alice' };
    const token = good(await mint({ rootKey: root.privateKey, block }));
    expect(good(token.block(0)).block.context).toBe('für Alice');
  });
});

describe('narrowing', () => {
  test('needs no key, keeps the bytes of the other blocks, and only restricts', async () => {
    const token = await tokenOf('right("file1"); right("file2");');
    const narrowed = good(
      await narrow(good(parseToken(token.text)), datalog('check if want("file1");')),
    );
    expect(toHex(narrowed.bytes)).toContain(toHex(token.bytes.subarray(2, -40)));
    expect(narrowed.revocationIds[0]).toEqual(token.revocationIds[0]);
    for (const [want, isAllowed] of [
      ['file1', true],
      ['file2', false],
    ] as const) {
      const input = { ...allow, facts: [fact('want', { kind: 'string', value: want })] };
      const verified = good(await verifyToken(narrowed, root.publicKey));
      expect(authorize(verified, input).ok).toBe(isAllowed);
      expect(authorize(good(await verifyToken(token, root.publicKey)), input).ok).toBe(true);
    }
  });

  test('a verified token can be narrowed, and must be verified again', async () => {
    const verified = good(await verifyToken(await tokenOf('a();'), root.publicKey));
    const narrowed = good(await narrow(verified, datalog('check if a();')));
    expectTypeOf(narrowed).toEqualTypeOf<UnverifiedToken>();
    expect(await verdict(narrowed)).toBe('verified');
  });

  test('twice from one token gives two tokens with different keys', async () => {
    const token = await tokenOf('a();');
    const twins = [
      good(await narrow(token, datalog('b();'))),
      good(await narrow(token, datalog('b();'))),
    ];
    expect(
      new Set(twins.map((twin) => toHex(twin.revocationIds[1] ?? new Uint8Array()))).size,
    ).toBe(2);
  });

  test('rejects a block that no verifier would read', async () => {
    const token = await tokenOf('a();');
    const variable = { name: 'a', terms: [{ kind: 'variable', value: 'x' }] } as const;
    const block = { facts: [variable], rules: [], checks: [], scopes: [] };
    expect(refusal(await narrow(token, block))).toMatchObject({
      code: 'block_malformed',
      blockId: 1,
    });
    const long = datalog(`a("${'x'.repeat(17_000)}");`);
    expect(refusal(await narrow(token, long))).toMatchObject({ limit: 'tokenBytesMax' });
    const p256 = await generateKeyPair('secp256r1');
    expect(
      await verdict(
        good(await mint({ rootKey: p256.privateKey, block: datalog('a();') })),
        p256.publicKey,
        { algorithms: ['ed25519', 'secp256r1'] },
      ),
    ).toBe('verified');
  });

  test('a block of Datalog 3.3 is signed with payload version 1, and so are later blocks', async () => {
    expect(versions(await tokenOf('a();', 'check if a();'))).toEqual([0, 0]);
    expect(versions(await tokenOf('a();', 'reject if b();', 'check if a();'))).toEqual([0, 1, 1]);
    const p256 = await generateKeyPair('secp256r1');
    const token = good(await mint({ rootKey: p256.privateKey, block: datalog('a();') }));
    expect(versions(token)).toEqual([1]);
  });
});

describe('sealing', () => {
  test('prevents narrowing and keeps the token valid', async () => {
    const token = await tokenOf('a();', 'reject if b();');
    const closed = good(await seal(token));
    expect(await verdict(closed)).toBe('verified');
    expect(closed.revocationIds).toEqual(token.revocationIds);
    expect(refusal(await seal(closed))).toEqual({ code: 'already_sealed' });
    expect(refusal(await narrow(closed, datalog('a();')))).toEqual({ code: 'append_on_sealed' });
    expect(refusal(createThirdPartyRequest(closed))).toEqual({ code: 'append_on_sealed' });
  });
});

describe.each(['ed25519', 'secp256r1'] as const)('third-party blocks of %s', (algorithm) => {
  const algorithms = ['ed25519', algorithm] as const;

  async function round(token: UnverifiedToken) {
    const party = await generateKeyPair(algorithm);
    const request = toBase64Url(good(createThirdPartyRequest(token)));
    const contents = good(
      await signThirdPartyBlock(request, party.privateKey, datalog('group("staff");')),
    );
    return { party, contents, text: toBase64Url(contents) };
  }

  test('are requested, signed elsewhere, and appended', async () => {
    const token = await tokenOf('a();');
    const { party, text } = await round(token);
    const extended = good(await appendThirdPartyBlock(token, text));
    expect(await verdict(extended, root.publicKey, { algorithms })).toBe('verified');
    const last = good(extended.block(1));
    expect(last.externalKey).toEqual(party.publicKey);
    expect([last.block.version, last.source]).toEqual([5, 'group("staff");\n']);
    expect(versions(extended)).toEqual([0, 1]);
    const verified = good(await parseAndVerify(extended.text, root.publicKey, { algorithms }));
    const narrowed = good(
      await narrow(
        verified,
        datalog(`check if group("staff") trusting ${publicKeyToText(party.publicKey)};`),
      ),
    );
    const both = good(await verifyToken(narrowed, root.publicKey, { algorithms }));
    expect(authorize(both, allow).ok).toBe(true);
  });

  test('are bound to one token at one length', async () => {
    const token = await tokenOf('a();');
    const { text } = await round(token);
    const longer = good(await narrow(token, datalog('check if true;')));
    for (const other of [await tokenOf('a();'), longer])
      expect(refusal(await appendThirdPartyBlock(other, text))).toEqual({
        code: 'external_signature_invalid',
        blockId: other.blockCount,
      });
  });

  test('are rejected with any bit changed', async () => {
    const token = await tokenOf('a();');
    const { contents } = await round(token);
    for (let bit = 0; bit < contents.length * 8; bit += 5) {
      const copy = contents.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect((await appendThirdPartyBlock(token, copy)).ok).toBe(false);
    }
  });
});

describe('malformed requests and blocks', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['junk', Uint8Array.of(255)],
    ['the withdrawn form with a key', bytes(1, int(1, 0), bytes(2, new Uint8Array(32)))],
    ['a signature twice', Uint8Array.from([...bytes(3, 'a'), ...bytes(3, 'b')])],
  ])('%s is refused', async (_, message) => {
    const block = datalog('a();');
    expect(refusal(await signThirdPartyBlock(message, root.privateKey, block)).code).toBe(
      'third_party_request_malformed',
    );
    expect(refusal(await appendThirdPartyBlock(await tokenOf('a();'), message)).code).toBe(
      'third_party_block_malformed',
    );
  });

  test('text that is not base64url, bytes beyond the limit', async () => {
    const block = datalog('a();');
    expect(refusal(await signThirdPartyBlock('+', root.privateKey, block)).code).toBe(
      'base64_invalid',
    );
    const large = new Uint8Array(20_000);
    expect(refusal(await signThirdPartyBlock(large, root.privateKey, block)).code).toBe(
      'limit_exceeded',
    );
    expect(refusal(await appendThirdPartyBlock(await tokenOf('a();'), large)).code).toBe(
      'limit_exceeded',
    );
  });

  test('a block that verifiers would reject is not appended, even with a valid signature', async () => {
    const token = await tokenOf('a();');
    const request = good(createThirdPartyRequest(token));
    const junk = {
      facts: [{ name: 'a', terms: [{ kind: 'variable', value: 'x' }] }],
      rules: [],
      checks: [],
      scopes: [],
    } as const;
    const contents = good(await signThirdPartyBlock(request, stranger.privateKey, junk));
    expect(refusal(await appendThirdPartyBlock(token, contents))).toMatchObject({
      code: 'block_malformed',
      blockId: 1,
    });
  });
});
