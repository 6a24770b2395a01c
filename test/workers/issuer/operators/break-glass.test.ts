import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, test, vi } from 'vitest';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { OPERATOR } from '../../../storage/dump/scene.ts';
import { ask, env } from './scene.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const notified: IssuerEnv = {
  ...env,
  NOTIFY: JSON.stringify([{ name: 'pager', kind: 'webhook', url: 'https://hooks.example/' }]),
  NOTIFY_SECRETS: JSON.stringify({ pager: `whsec_${btoa('k'.repeat(24))}` }),
};

/** Returns the keys of the notices that the watchdog took. Its own configuration has no target, so it sends nothing. */
const told = () =>
  runInDurableObject(env.WATCHDOG.getByName('default'), (_object, { storage }) =>
    storage.sql
      .exec('SELECT key FROM quiet')
      .toArray()
      .map(({ key }) => key),
  );

const list = (variables: IssuerEnv, authorization = `Bearer ${OPERATOR}`) =>
  ask('/admin/v1/workflows', { headers: { authorization } }, variables);

test('sends one notice for the uses of the credential where operators sign in', async () => {
  const logged = vi.spyOn(console, 'error').mockReturnValue();
  expect((await list(notified)).status).toBe(200);
  expect((await list(notified)).status).toBe(200);
  expect(await told()).toEqual(['break_glass.used operator']);
  expect(logged).toHaveBeenCalledWith(
    expect.objectContaining({ event: 'operator.break_glass', code: 'GET /workflows' }),
  );
});

test('lets the credential pass and writes the alarm line although the watchdog does not answer', async () => {
  const logged = vi.spyOn(console, 'error').mockReturnValue();
  const hanging = { tell: () => new Promise(() => undefined), start: async () => undefined };
  const deaf = { ...notified, WATCHDOG: { getByName: () => hanging } } as unknown as IssuerEnv;
  // Of another route than above: the log has one line per second and kind.
  const headers = { authorization: `Bearer ${OPERATOR}` };
  expect((await ask('/admin/v1/rules', { headers }, deaf)).status).toBe(200);
  expect(logged).toHaveBeenCalledWith(
    expect.objectContaining({ event: 'operator.break_glass', code: 'GET /rules' }),
  );
});

test('sends no notice for the only credential of an issuer without sign-in', async () => {
  expect((await list({ ...notified, OPERATOR_DIRECTORY: undefined })).status).toBe(200);
  expect(await told()).toEqual([]);
});
