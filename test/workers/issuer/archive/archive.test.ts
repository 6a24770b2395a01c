import { evictDurableObject, reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../../../src/encoding.ts';
import { readAllStates } from '../../../../workers/issuer/log/health.ts';
import { archiveOf, type IssuerEnv } from '../../../../workers/issuer/platform/env.ts';

/** The archive of a log, in both of its forms: nothing in it is overwritten by accident. */
const env = untyped as unknown as IssuerEnv & { readonly ARCHIVE: R2Bucket };
const withoutBucket: IssuerEnv = { ...env, ARCHIVE: undefined };

afterEach(() => reset());

describe.each([
  ['a bucket', env],
  ['an object', withoutBucket],
])('the archive in %s', (_, where) => {
  const archive = () => archiveOf(where, 'control');

  test('fails the second create of a path, and keeps the first', async () => {
    expect(await archive().create('tile/0/000', utf8('first'))).toBe('created');
    expect(await archive().create('tile/0/000', utf8('second'))).toBe('differs');
    expect((await archive().get('tile/0/000'))?.bytes).toEqual(utf8('first'));
  });

  test('takes the same bytes for a success, as a repeated request brings them', async () => {
    expect(await archive().create('tile/0/000', utf8('first'))).toBe('created');
    expect(await archive().create('tile/0/000', utf8('first'))).toBe('equal');
  });

  test('lets one of many creates at once win', async () => {
    const writers = Array.from({ length: 16 }, (_, n) => utf8(`writer ${n}`));
    const created = await Promise.all(writers.map((bytes) => archive().create('tail', bytes)));
    expect(created.filter((each) => each === 'created')).toHaveLength(1);
    expect(created.filter((each) => each === 'differs')).toHaveLength(15);
    const winner = writers[created.indexOf('created')];
    expect((await archive().get('tail'))?.bytes).toEqual(winner);
  });

  test('replaces exactly what was read', async () => {
    const first = await archive().replace('checkpoint', utf8('1'), undefined);
    expect(first).toBeDefined();
    expect(await archive().replace('checkpoint', utf8('x'), undefined)).toBeUndefined();
    const second = await archive().replace('checkpoint', utf8('2'), first);
    expect(second).toBeDefined();
    expect(await archive().replace('checkpoint', utf8('3'), first)).toBeUndefined();
    expect(await archive().get('checkpoint')).toEqual({ bytes: utf8('2'), etag: second });
    // Its own write, of which only the answer was lost.
    expect(await archive().replace('checkpoint', utf8('2'), first)).toBe(second);
  });

  test('never replaces on an empty condition', async () => {
    await archive().create('checkpoint', utf8('1'));
    await archive()
      .replace('checkpoint', utf8('2'), '')
      .catch(() => undefined);
    expect((await archive().get('checkpoint'))?.bytes).toEqual(utf8('1'));
  });

  test('keeps large objects whole, also over a restart', async () => {
    const bytes = Uint8Array.from({ length: 2_500_000 }, (_, place) => place % 251);
    expect(await archive().create('m/2026-11/entries/000', bytes)).toBe('created');
    if (where === withoutBucket) await evictDurableObject(env.TILE_STORE.getByName('control'));
    expect((await archive().get('m/2026-11/entries/000'))?.bytes).toEqual(bytes);
    expect(await archive().create('m/2026-11/entries/000', bytes)).toBe('equal');
  });

  test('lists page by page in order, and each log by itself', async () => {
    const paths = Array.from({ length: 1_100 }, (_, n) => `tile/0/${String(n).padStart(4, '0')}`);
    for (let from = 0; from < paths.length; from += 50) {
      await Promise.all(
        paths.slice(from, from + 50).map((path) => archive().create(path, utf8(path))),
      );
    }
    await archiveOf(where, 'control-2').create('tile/0/9999', utf8('another log'));
    const first = await archive().list('tile/');
    expect(first).toEqual({ paths: paths.slice(0, 1_000), isWhole: false });
    const rest = await archive().list('tile/', first.paths.at(-1));
    expect(rest).toEqual({ paths: paths.slice(1_000), isWhole: true });
    await archive().delete(paths.slice(0, 1_050));
    expect((await archive().list('')).paths).toEqual(paths.slice(1_050));
  });
});

// What the archive relies on. A platform that changes it must fail here, and not in a log.
describe('the binding of a bucket', () => {
  const put = (text: string, onlyIf: Headers | R2Conditional) =>
    env.ARCHIVE.put('a', text, { onlyIf });
  const stored = async () => (await env.ARCHIVE.get('a'))?.text();

  test('writes nothing over an object if the condition is that none is there', async () => {
    const absent = () => new Headers({ 'if-none-match': '*' });
    expect(await put('first', absent())).toMatchObject({ key: 'a' });
    expect(await put('second', absent())).toBeNull();
    expect(await stored()).toBe('first');
  });

  test('writes only over the object whose etag is named', async () => {
    expect(await put('x', { etagMatches: '0'.repeat(32) })).toBeNull();
    const first = await env.ARCHIVE.put('a', 'first');
    expect(await put('second', { etagMatches: first?.etag ?? '' })).toMatchObject({ key: 'a' });
    expect(await put('third', { etagMatches: first?.etag ?? '' })).toBeNull();
    expect(await stored()).toBe('second');
  });

  test('ignores a condition on an empty etag, which is why none is ever sent', async () => {
    await env.ARCHIVE.put('a', 'first');
    await put('second', { etagDoesNotMatch: '' });
    expect(await stored()).toBe('second');
  });
});

test('the fill of a log is that of its archive, where that is an object', async () => {
  const fillOf = async (where: IssuerEnv) =>
    (await readAllStates(where)).find(({ log }) => log === 'control')?.fill;
  expect(await fillOf(withoutBucket)).toBeLessThan(0.01);
  const store = { bytes: async () => 8_500_000_000 };
  const full = { ...withoutBucket, TILE_STORE: { getByName: () => store } } as unknown as IssuerEnv;
  expect(await fillOf(full)).toBe(0.85);
  expect(await fillOf(env)).toBeLessThan(0.01);
});
