import { describe, expect, test } from 'vitest';
import { toBase64Url, utf8 } from '../../../src/encoding.ts';
import {
  approvalChallenge,
  PASSKEY_ALGORITHMS,
  registrationChallenge,
  verifyNewPasskey,
  verifyPasskey,
} from '../../../src/passkey/index.ts';
import { Authenticator, type Lies } from './authenticator.ts';

const ORIGIN = 'https://issuer.example';
const APPROVAL = { id: 'apr_1', digest: 'ab'.repeat(32), until: 1_795_431_600 };
const challenge = await approvalChallenge(APPROVAL);
const expected = { challenge, origin: ORIGIN };

async function made(algorithm = -7 as (typeof PASSKEY_ALGORITHMS)[number]) {
  const authenticator = await Authenticator.at(ORIGIN, algorithm);
  const verified = await verifyNewPasskey(await authenticator.make(challenge), expected);
  if (!verified.ok) throw new Error(verified.error.code);
  return { authenticator, passkey: verified.value };
}

describe.each(PASSKEY_ALGORITHMS)('a passkey of the algorithm %d', (algorithm) => {
  test('counts for what was signed, each time', async () => {
    const { authenticator, passkey } = await made(algorithm);
    for (let use = 0; use < 40; use++) {
      const answer = await authenticator.use(challenge);
      expect(await verifyPasskey(answer, passkey, expected)).toEqual({
        ok: true,
        value: { counter: 0 },
      });
    }
  });
});

describe('an answer of a passkey', () => {
  test.each<[string, Lies]>([
    ['type', { type: 'webauthn.create' }],
    ['origin', { origin: 'https://issuer.example.evil.example' }],
    ['origin', { origin: 'http://issuer.example' }],
    ['origin', { crossOrigin: true }],
    ['origin', { topOrigin: 'https://evil.example' }],
    ['relying_party', { host: 'evil.example' }],
    ['user_absent', { flags: 0x04 }],
    ['user_unverified', { flags: 0x01 }],
  ])('is refused for its %s: %j', async (code, lies) => {
    const { authenticator, passkey } = await made();
    const answer = await authenticator.use(challenge, lies);
    expect(await verifyPasskey(answer, passkey, expected)).toEqual({ ok: false, error: { code } });
  });

  test('is refused for another question, another end and another approval', async () => {
    const { authenticator, passkey } = await made();
    const answer = await authenticator.use(challenge);
    for (const other of [{ id: 'apr_2' }, { digest: 'ac'.repeat(32) }, { until: 1 }]) {
      const another = await approvalChallenge({ ...APPROVAL, ...other });
      const verified = await verifyPasskey(answer, passkey, { ...expected, challenge: another });
      expect(verified).toEqual({ ok: false, error: { code: 'challenge' } });
    }
  });

  test('is refused if another key signed it, or if a part was changed', async () => {
    const { authenticator, passkey } = await made();
    const other = await made();
    const answer = await authenticator.use(challenge);
    const forged = { ...(await other.authenticator.use(challenge)), id: passkey.id };
    const code = async (sent: typeof answer) => {
      const verified = await verifyPasskey(sent, passkey, expected);
      return verified.ok ? 'ok' : verified.error.code;
    };
    expect(await code(forged)).toBe('signature');
    expect(await code({ ...answer, id: other.passkey.id })).toBe('credential');
    expect(await code({ ...answer, signature: toBase64Url(new Uint8Array(70)) })).toBe('signature');
    expect(await code({ ...answer, signature: 'MAA' })).toBe('signature');
    expect(await code({ ...answer, clientData: toBase64Url(utf8('[]')) })).toBe('client_data');
    expect(await code({ ...answer, authenticatorData: 'AAAA' })).toBe('authenticator_data');
  });

  test('is refused if its counter does not rise, unless it always is zero', async () => {
    const { authenticator, passkey } = await made();
    const verified = async (counter: number, known: number) => {
      const answer = await authenticator.use(challenge, { counter });
      return (await verifyPasskey(answer, { ...passkey, counter: known }, expected)).ok;
    };
    expect([await verified(6, 5), await verified(0, 0)]).toEqual([true, true]);
    expect([await verified(5, 5), await verified(4, 5), await verified(0, 5)]).toEqual([
      ...[false, false, false],
    ]);
  });
});

describe('a new passkey', () => {
  test('is that of the session that requested it, and of no other person', async () => {
    const [ann, other, bob] = await Promise.all([
      registrationChallenge('corp#ann', 'a'),
      registrationChallenge('corp#ann', 'b'),
      registrationChallenge('corp#bob', 'a'),
    ]);
    const authenticator = await Authenticator.at(ORIGIN);
    const answer = await authenticator.make(ann);
    for (const [one, ok] of [
      [ann, true],
      [other, false],
      [bob, false],
    ] as const) {
      const verified = await verifyNewPasskey(answer, { challenge: one, origin: ORIGIN });
      expect(verified.ok).toBe(ok);
    }
  });

  test('has no RSA key of fewer than 2,048 bits', async () => {
    const how = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 1_024,
      publicExponent: new Uint8Array([1, 0, 1]),
    };
    const keys = await crypto.subtle.generateKey(how, true, ['sign', 'verify']);
    const answer = await new Authenticator(ORIGIN, keys as CryptoKeyPair, -257).make(challenge);
    expect(await verifyNewPasskey(answer, expected)).toEqual({
      ok: false,
      error: { code: 'public_key' },
    });
  });

  test('has the id that the authenticator names, and a key of its algorithm', async () => {
    const authenticator = await Authenticator.at(ORIGIN);
    const answer = await authenticator.make(challenge);
    const code = async (change: object) => {
      const verified = await verifyNewPasskey({ ...answer, ...change }, expected);
      return verified.ok ? 'ok' : verified.error.code;
    };
    expect(await code({})).toBe('ok');
    expect(await code({ id: 'AAAA' })).toBe('credential');
    expect(await code({ algorithm: -257 })).toBe('public_key');
    expect(await code({ publicKey: 'AAAA' })).toBe('public_key');
    const unverified = await authenticator.make(challenge, { flags: 0x41 });
    expect(await code(unverified)).toBe('user_unverified');
    const without = await authenticator.make(challenge, { flags: 0x05 });
    expect(await code(without)).toBe('credential');
  });
});
