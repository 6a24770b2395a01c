import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from '../../../src/canonical-json.ts';
import { toBase64Url, utf8 } from '../../../src/encoding.ts';
import { openHead } from '../../../src/feed/format/read-head.ts';
import { issuerKey, otherKey } from '../fixtures/issuer.ts';
import { entry, feedKeys, headOver, seconds, sign } from '../fixtures/log.ts';

const open = (wire: unknown) => openHead(wire, feedKeys.publicKey);
const head = await headOver([entry(1)], 0);
const SNAPSHOT = { seq: 0, chain: '0'.repeat(64), hash: '0'.repeat(64), bytes: 25, count: 0 };
const MARK = { scope: 'owner', value: 'team:growth', before: seconds(0), expires: seconds(1) };
const signed = await sign(head);

/** Any payload with a valid signature, as from a log that does not follow the format. */
async function signedAs(payload: string, domain = 'hewn-feed-head-v2\0'): Promise<unknown> {
  const bytes = utf8(domain + payload);
  const signature = await crypto.subtle.sign('Ed25519', feedKeys.privateKey, bytes);
  return { payload: toBase64Url(utf8(payload)), signature: toBase64Url(new Uint8Array(signature)) };
}

describe('a head', () => {
  test('opens with its key', async () =>
    expect(await open(signed)).toEqual({ ok: true, value: head }));

  test('opens with any of several keys, and with no other key', async () => {
    const next = (await crypto.subtle.generateKey('Ed25519', true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    const both = [feedKeys.publicKey, next.publicKey];
    const byNext = await sign(head, next.privateKey);
    for (const wire of [signed, byNext])
      expect(await openHead(wire, both)).toMatchObject({ ok: true });
    const refused = { ok: false, error: { code: 'head_signature' } };
    expect(await openHead(byNext, [feedKeys.publicKey])).toEqual(refused);
    expect(await openHead(signed, [])).toEqual(refused);
    expect(await openHead({}, both)).toEqual({ ok: false, error: { code: 'head_malformed' } });
  });

  const malformed: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a text', 'head'],
    ['an unknown member', { ...signed, alg: 'none' }],
    ['no signature', { payload: signed.payload }],
    ['a short signature', { ...signed, signature: signed.signature.slice(1) }],
    ['padding in the payload', { ...signed, payload: `${signed.payload}!` }],
    ['an oversized payload', { ...signed, payload: 'A'.repeat(21_848) }],
  ];
  test.each(malformed)('is malformed as %s', async (_, wire) => {
    expect(await open(wire)).toEqual({ ok: false, error: { code: 'head_malformed' } });
  });

  test.each<[string, Record<string, unknown>]>([
    ['an unknown member', { more: 1 }],
    ['another version', { v: 1 }],
    ['epoch 0', { epoch: 0 }],
    ['a negative seq', { seq: -1 }],
    ['a chain in upper case', { chain: 'A'.repeat(64) }],
    ['a short chain', { chain: '00' }],
    ['a time with a fraction', { issued_at: seconds(0) + 0.5 }],
    ['a time as a text', { issued_at: '2026-11-23' }],
    ['no issuer', { issuer: undefined }],
    ['no list of keys', { keys: undefined }],
    ['an empty list of keys', { keys: [] }],
    ['17 keys', { keys: Array.from({ length: 17 }, (_, id) => ({ ...issuerKey, id })) }],
    ['two keys of one id', { keys: [issuerKey, { ...otherKey, id: issuerKey.id }] }],
    ['a key of 31 bytes', { keys: [{ id: 1, publicKey: '00'.repeat(31) }] }],
    ['a key with more to it', { keys: [{ ...issuerKey, key: 'ed25519-private/' }] }],
    ['an invalid shard', { shard: 2 ** 16 }],
    ['a next update before its time', { next_update: seconds(0) - 1 }],
    ['deltas from beyond its end', { delta_from: 2 }],
    ['deltas from its middle and nothing to start from', { delta_from: 1 }],
    ['a first epoch that follows another', { previous: { epoch: 1, seq: 0, chain: head.chain } }],
    ['a second epoch that follows none', { epoch: 2 }],
    ['an invalid snapshot', { snapshot: { seq: 1 } }],
    ['a snapshot beyond its end', { snapshot: { ...SNAPSHOT, seq: 2 } }],
    ['a snapshot of the same point and another chain', { snapshot: { ...SNAPSHOT, seq: 1 } }],
    ['a snapshot over 16 MiB', { snapshot: { ...SNAPSHOT, bytes: 2 ** 24 + 1 } }],
    ['a watermark of an unknown scope', { watermarks: [{ ...MARK, scope: 'planet' }] }],
    ['a watermark of nothing', { watermarks: [{ ...MARK, value: '' }] }],
    ['a watermark of all and something', { watermarks: [{ ...MARK, scope: 'all' }] }],
    ['a watermark without end', { watermarks: [{ ...MARK, expires: null }] }],
    ['65 watermarks', { watermarks: Array(65).fill(MARK) }],
    ['a key with a negative id', { keys: [{ ...issuerKey, id: -1 }] }],
  ])('is malformed if it is signed with %s', async (_, changes) => {
    const payload = JSON.stringify({ ...head, ...changes });
    expect(await open(await signedAs(payload))).toMatchObject({
      error: { code: 'head_malformed' },
    });
  });

  test.each(['', 'not JSON', '[]', 'null'])('is malformed if %j is signed', async (payload) => {
    expect(await open(await signedAs(payload))).toMatchObject({
      error: { code: 'head_malformed' },
    });
  });

  test('is invalid if it was signed in another domain', async () => {
    const payload = canonicalJson(head as unknown as Json);
    for (const domain of ['', 'hewn-feed-head-v1\0', 'hewn-feed-head-v2', 'hewn-feed-kill-v1\0']) {
      expect(await open(await signedAs(payload, domain))).toMatchObject({
        error: { code: 'head_signature' },
      });
    }
    expect((await open(await signedAs(payload))).ok).toBe(true);
  });

  test('is invalid with another key, or if one bit is changed', async () => {
    const other = (await crypto.subtle.generateKey('Ed25519', true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    const foreign = await sign(head, other.privateKey);
    const flip = (text: string) => (text[9] === 'A' ? 'B' : 'A');
    const changed = (text: string) => text.slice(0, 9) + flip(text) + text.slice(10);
    for (const wire of [
      foreign,
      { ...signed, payload: changed(signed.payload) },
      { ...signed, signature: changed(signed.signature) },
      { ...signed, payload: (await sign({ ...head, seq: 2 })).payload },
    ]) {
      expect(await open(wire)).toEqual({ ok: false, error: { code: 'head_signature' } });
    }
  });
});
