import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bearer, startProvider, tokenOf, withDirectory } from './scene.ts';

const variables = withDirectory({ twoPeople: ['keys'] });

beforeEach(() => startProvider());
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const KEY = { public_key: 'ab'.repeat(32), gateway: 'https://gateway.example', reason: 'new' };

type Json = Readonly<Record<string, unknown>>;

async function send(token: string, method: string, path: string, body?: object) {
  const answer = await bearer(token, method, path, { variables, ...(body && { body }) });
  return { status: answer.status, body: (await answer.json()) as Json };
}

const person = (sub: string) => tokenOf({ sub }, variables);

test('a key waits for a second person where that is asked, and its removal does not', async () => {
  const [olivia, otto] = [await person('olivia'), await person('otto')];
  const waiting = await send(olivia, 'POST', '/receipt-keys', KEY);
  expect(waiting.status).toBe(202);
  expect((await send(olivia, 'GET', '/receipt-keys')).body).toEqual({ keys: [] });
  const { id, digest } = waiting.body.proposal as { id: string; digest: string };
  const confirm = { digest, reason: 'I agree' };
  expect((await send(otto, 'POST', `/proposals/${id}`, confirm)).status).toBe(200);
  const listed = (await send(olivia, 'GET', '/receipt-keys')).body.keys;
  const { reason: _, ...facts } = KEY;
  expect(listed).toEqual([{ ...facts, id: 1, until: null }]);
  const removed = await send(otto, 'POST', '/receipt-keys/1/remove', { reason: 'leaked' });
  expect(removed).toMatchObject({ status: 200, body: { key: { id: 1 }, recorded: true } });
  expect((await send(olivia, 'GET', '/receipt-keys')).body).toEqual({ keys: [] });
  const { body: found } = await send(olivia, 'GET', '/audit?event=key');
  const records = (found.records as { record: Json }[]).map(({ record }) => record);
  expect(records).toMatchObject([
    { change: 'added', list: 'receipt_keys', key: 1, holder: KEY.gateway },
    { change: 'removed', actor: 'corp#otto', reason: 'leaked' },
  ]);
});

test('a key for approvals names for whom it speaks and for which datasets', async () => {
  const variablesOfOne = withDirectory({});
  const olivia = await tokenOf({ sub: 'olivia' }, variablesOfOne);
  const post = async (path: string, body: object) => {
    const answer = await bearer(olivia, 'POST', path, { variables: variablesOfOne, body });
    return { status: answer.status, body: (await answer.json()) as Json };
  };
  const { gateway: _, ...key } = KEY;
  const approver = { ...key, approver: 'corp#olivia', datasets: ['bank/eu'] };
  const added = await post('/approver-keys', approver);
  expect(added).toMatchObject({ status: 200, body: { changed: true, key: { id: 1 } } });
  expect((await post('/approver-keys', { ...approver, datasets: ['bank/us'] })).status).toBe(409);
  expect((await post('/approver-keys', { ...approver, datasets: [] })).status).toBe(400);
  expect((await post('/approver-keys/2/remove', { reason: 'r' })).status).toBe(404);
  expect((await post('/approver-keys/1/remove', { reason: 'r' })).status).toBe(200);
  expect((await post('/approver-keys', approver)).body.error).toBe('key_removed');
});
