import { evictDurableObject, reset, runDurableObjectAlarm } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, expect, test } from 'vitest';
import { POLL, type StreamRequest } from '../../../src/signals/index.ts';
import { type IssuerEnv, signalStreams } from '../../../workers/issuer/platform/env.ts';
import { dueNow, loseAudit } from './audit-weather.ts';
import { readMerged } from './merged.ts';

const env = untyped as unknown as IssuerEnv;
const streams = () => signalStreams(env);
const order: StreamRequest = {
  audience: 'https://receiver.example',
  delivery: { method: POLL },
  receiverSha256: 'ab'.repeat(32),
};

afterEach(() => reset());

const changes = async () =>
  (await readMerged(env, { after: 0 })).flatMap(({ record }) =>
    record.event === 'stream' ? [record.change] : [],
  );

test('a stream is disabled at once, even if the audit log does not answer', async () => {
  const [first, second] = [
    await streams().create(order, { actor: 'operator' }),
    await streams().create(order, { actor: 'operator' }),
  ];
  if (!first.ok || !second.ok) throw new Error('no streams');
  await loseAudit(streams(), env, 'fails');
  const disabled = { status: 'disabled', reason: 'test' } as const;
  expect(await streams().setStatus(first.value, disabled, { actor: 'operator' })).toBe(true);
  expect(await streams().remove(second.value, { actor: 'operator' })).toBe(true);
  expect((await streams().list()).map(({ id, status }) => [id, status])).toEqual([
    [first.value, 'disabled'],
  ]);
  expect(await changes()).toEqual(['created', 'created']);
  await evictDurableObject(env.SIGNAL_STREAMS.getByName('default'));
  await dueNow(streams());
  await runDurableObjectAlarm(streams());
  expect(await changes()).toEqual(['created', 'created', 'disabled', 'removed']);
});

test('a stream is enabled only after the record is written', async () => {
  const made = await streams().create(order, { actor: 'operator' });
  if (!made.ok) throw new Error('no stream');
  await streams().setStatus(
    made.value,
    { status: 'paused', reason: 'test' },
    { actor: 'operator' },
  );
  await loseAudit(streams(), env, 'fails');
  let failed = false;
  try {
    await streams().setStatus(
      made.value,
      { status: 'enabled', reason: 'test' },
      { actor: 'operator' },
    );
  } catch {
    failed = true;
  }
  expect(failed).toBe(true);
  expect(await streams().list()).toMatchObject([{ status: 'paused' }]);
});
