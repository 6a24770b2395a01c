import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, obtain, read, send } from '../agent.ts';
import { openReleases, PREVIOUS, type ReleaseStage } from './stage.ts';

/**
 * One state folder under three runs: the previous release, the current one, and the previous one
 * again after a rollback. The tests run in this order.
 */
let stage: ReleaseStage;

const BEFORE = { issuer: PREVIOUS, gateway: PREVIOUS } as const;
const AFTER = { issuer: 'current', gateway: 'current' } as const;

beforeAll(async () => {
  stage = await openReleases();
}, 120_000);
afterAll(() => stage?.close());

const report = () => read(stage.documents.reports[0] ?? '');
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

interface Held {
  readonly token: string;
  readonly workflow: string;
}
const held: Record<'living' | 'suspended' | 'revoked' | 'minted' | 'stopped', Held> = {} as never;

const revoke = ({ workflow }: Held) =>
  stage.operate(`workflows/${workflow}/revoke`, { reason: 'test' });
const allowed = { status: 200 };

describe('the previous release', () => {
  test('mints, stops and records', async () => {
    await stage.run(BEFORE);
    for (const name of ['living', 'suspended', 'revoked'] as const) {
      held[name] = await obtain(stage);
      expect(await send(stage, held[name].token, report())).toMatchObject(allowed);
    }
    await revoke(held.revoked);
    const path = `workflows/${held.suspended.workflow}/suspend`;
    await stage.operate(path, { reason: 'test' });
  }, 120_000);
});

describe('the current release on its storage', () => {
  test('continues living workflows, and keeps what was stopped', async () => {
    await stage.run(AFTER);
    expect(await send(stage, held.living.token, write())).toMatchObject(allowed);
    expect(await send(stage, held.revoked.token, write())).toMatchObject({ code: 'revoked' });
    expect(await send(stage, held.suspended.token, write())).toMatchObject({ code: 'suspended' });
  }, 120_000);

  test('resumes, mints and revokes', async () => {
    const path = `workflows/${held.suspended.workflow}/resume`;
    await stage.operate(path, { reason: 'test' });
    held.minted = await obtain(stage);
    held.stopped = await obtain(stage);
    expect(await send(stage, held.minted.token, write())).toMatchObject(allowed);
    await revoke(held.stopped);
    expect(await send(stage, held.stopped.token, write())).toMatchObject({ code: 'revoked' });
    expect((await stage.trail(held.living.workflow)).whole).toBe(true);
  });
});

describe('the previous release after a rollback', () => {
  test('keeps what was stopped, and of workflows that the current one opened it allows reads only', async () => {
    await stage.run(BEFORE);
    for (const name of ['living', 'minted'] as const) {
      expect(await send(stage, held[name].token, report())).toMatchObject(allowed);
      const denied = { status: 503, code: 'ledger_unavailable' };
      expect(await send(stage, held[name].token, write())).toMatchObject(denied);
    }
    for (const name of ['revoked', 'stopped'] as const) {
      expect(await send(stage, held[name].token, write())).toMatchObject({ code: 'revoked' });
    }
    await expect(revoke(held.minted)).rejects.toThrow(/HTTP (404|500)/);
  }, 120_000);

  // The log of 0.3.0 is closed: it cannot record what it would grant.
  test('mints nothing, and stops workflows of the current one by a watermark', async () => {
    await expect(obtain(stage)).rejects.toThrow();
    await stage.operate('watermarks', { scope: 'all', value: '', reason: 'test' });
    expect(await send(stage, held.minted.token, write())).toMatchObject({ code: 'revoked' });
  });
});

test('a second upgrade continues the workflows of both', async () => {
  await stage.run(AFTER);
  for (const name of ['living', 'revoked', 'stopped', 'minted'] as const) {
    expect(await send(stage, held[name].token, write())).toMatchObject({ code: 'revoked' });
  }
  await revoke(held.minted);
  const { whole, events } = await stage.trail(held.minted.workflow);
  expect(whole).toBe(true);
  expect(events).toEqual(expect.arrayContaining(['mint', 'decision', 'revocation']));
}, 120_000);
