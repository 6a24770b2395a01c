import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { revocationLog } from '../../../workers/issuer/platform/env.ts';
import { readMerged } from './merged.ts';
import { AGENT, admin, askForToken, CLIENT, env, introspect, OWNER, READ } from './token.scene.ts';

afterEach(() => reset());

const REASON = { reason: 'its image was replaced' };
const stop = (scope: string, value?: string, more: object = {}) =>
  admin('watermarks', { scope, ...(value !== undefined && { value }), ...REASON, ...more });
const withdraw = (scope: string, value: string) =>
  admin('watermarks/withdraw', { scope, value, ...REASON });
const inForce = async () => (await revocationLog(env).watermarks()).map(({ value }) => value);
const records = async () =>
  (await readMerged(env, { after: 0 })).flatMap(({ record }) =>
    record.event === 'watermark' ? [record] : [],
  );

describe('a watermark accepts every documented spelling', () => {
  test.each([
    ['agent', `${CLIENT}#${CLIENT}`, AGENT],
    ['agent', AGENT, AGENT],
    ['subject', OWNER, OWNER],
    ['owner', OWNER, OWNER],
    ['tool', READ, READ],
    ['all', undefined, ''],
  ])('%s %s, and reports how many living workflows it stops', async (scope, value, spelled) => {
    const { token = '' } = await askForToken([READ]);
    const { token: second = '' } = await askForToken([READ]);
    expect(await stop(scope, value)).toMatchObject({
      status: 200,
      body: { scope, value: spelled, matches: { living: 2, named_until: expect.any(String) } },
    });
    expect(await introspect(token)).toEqual({ active: false });
    expect(await introspect(second)).toEqual({ active: false });
    expect(await records()).toMatchObject([{ scope, value: spelled }]);
  });
});

describe('a watermark for a name that no token can have', () => {
  test.each([
    ['agent', 'nightly-reports#nightly-report'],
    ['agent', 'https://issuer.example/#nightly-report'],
    ['agent', 'nightly-report'],
    ['agent', 'spiffe://other.example/a'],
    ['owner', 'growth'],
    ['subject', 'growth'],
    ['tool', 'read_text_file'],
    ['audience', 'https://nowhere.example'],
    ['issuer_key', 'cd'.repeat(32)],
  ])('is refused and changes nothing: %s %s', async (scope, value) => {
    expect(await stop(scope, value)).toMatchObject({
      status: 404,
      body: { error: 'scope_unknown' },
    });
    expect(await inForce()).toEqual([]);
    expect(await records()).toEqual([]);
  });

  test('is set with even_unknown, and matches no living workflow', async () => {
    await askForToken([READ]);
    const misspelt = 'nightly-reports#nightly-report';
    expect(await stop('agent', misspelt, { even_unknown: true })).toMatchObject({
      status: 200,
      body: { value: misspelt, matches: { living: 0, named_until: null } },
    });
    expect(await inForce()).toEqual([misspelt]);
    expect((await withdraw('agent', misspelt)).body).toMatchObject({ withdrawn: true });
    expect(await inForce()).toEqual([]);
    expect((await records()).at(-1)).toMatchObject({ withdrawn: true, value: misspelt });
  });

  test('is set without even_unknown if a living token has the name of a removed issuer', async () => {
    const gone = 'https://gone.example#agent';
    const now = Math.floor(Date.now() / 1000);
    await revocationLog(env).admit({
      agent: gone,
      subject: OWNER,
      owner: OWNER,
      audience: env.ISSUER,
      issuerKey: 'ab'.repeat(32),
      tools: [],
      issuedAt: now,
      expires: now + 60,
    });
    expect(await stop('agent', gone)).toMatchObject({ status: 200, body: { value: gone } });
    expect(await withdraw('agent', gone)).toMatchObject({
      status: 409,
      body: { error: 'watermark_needed' },
    });
  });
});

test('a dry run stops and records nothing, and reports what it would stop', async () => {
  const { token = '' } = await askForToken([READ]);
  expect(await stop('agent', `${CLIENT}#${CLIENT}`, { dry_run: true })).toMatchObject({
    status: 200,
    body: { value: AGENT, dry_run: true, matches: { living: 1 } },
  });
  expect(await inForce()).toEqual([]);
  expect(await records()).toEqual([]);
  expect(await introspect(token)).toMatchObject({ active: true });
  expect((await stop('agent', 'nightly-reports#x', { dry_run: true })).status).toBe(404);
});

test('a watermark before the second 2 of 1970 is refused, because 1 marks a withdrawal', async () => {
  expect((await stop('owner', OWNER, { before: 1 })).status).toBe(400);
});

test('an unknown watermark cannot be withdrawn', async () => {
  expect(await withdraw('owner', OWNER)).toMatchObject({
    status: 404,
    body: { error: 'watermark_unknown' },
  });
});
