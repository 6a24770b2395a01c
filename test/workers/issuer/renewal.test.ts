import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { type AuditRecord, CONTROL_LOG } from '../../../src/audit/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import { readRecords } from '../../../workers/issuer/log/read.ts';
import { type IssuerEnv, workflowOf } from '../../../workers/issuer/platform/env.ts';
import { RENEWALS_KEPT_MAX } from '../../../workers/issuer/workflow/renewals.ts';
import { editWorkflows, readTree, untilPublished } from './stored-tree.ts';
import { admin, askForToken, env, introspect, LIST, READ } from './token.scene.ts';

/** Further capabilities that repeat the last recorded one in everything but the time. */
afterEach(() => reset());

const records = async (): Promise<readonly AuditRecord[]> =>
  (await readRecords(env, CONTROL_LOG, 0, 100)).map(({ record }) => record);
const events = async () => (await records()).map(({ event }) => event);

const object = (workflow: string) => workflowOf(env, workflow);
const stored = (workflow: string) =>
  runInDurableObject(object(workflow), async (_object, { storage }) => {
    const [one] = readTree(storage).workflows;
    return {
      renewals: one?.renewals,
      alarm: await storage.getAlarm(),
      tables: storage.sql
        .exec("SELECT name FROM sqlite_master WHERE type = 'table'")
        .toArray()
        .map(({ name }) => String(name))
        .filter((name) => !name.startsWith('_cf_')),
    };
  });

/** Begins a workflow that has an object and its first renewal. */
async function renewed(): Promise<string> {
  const { workflow } = await askForToken([READ, LIST], { renew_within: 110, lifetime: 60 });
  const first = await askForToken([READ, LIST], { workflow, lifetime: 60 });
  expect(first).toMatchObject({ status: 200, workflow });
  return workflow;
}

describe('a renewal', () => {
  test('has no record, no row of its own, and leaves the alarm where it is', async () => {
    const workflow = await renewed();
    const before = await stored(workflow);
    for (let n = 0; n < 3; n++) await askForToken([READ, LIST], { workflow, lifetime: 60 });
    expect(await events()).toEqual(['mint']);
    const after = await stored(workflow);
    expect(after).toMatchObject({ tables: ['schema_version'], renewals: { count: 4 } });
    expect([after.tables, after.alarm]).toEqual([before.tables, before.alarm]);
  });

  test('is a capability like any other to its workflow and to resource servers', async () => {
    const workflow = await renewed();
    const { token = '' } = await askForToken([READ, LIST], { workflow, lifetime: 60 });
    expect(await introspect(token)).toMatchObject({
      active: true,
      authorization_details: [{ workflow, grants: [{ tool: READ }, { tool: LIST }] }],
    });
    const { body } = await admin(`workflows/${workflow}`);
    expect(body).toMatchObject({ renewals: 2, blocks: { length: 3 } });
    expect(body).not.toHaveProperty('mintDigest');
    const block = (body.blocks as string[])[2];
    expect(
      await admin(`workflows/${workflow}/blocks/${block}/revoke`, { reason: 'a test' }),
    ).toMatchObject({ status: 200 });
    expect(await introspect(token)).toEqual({ active: false });
  });

  test.each<[string, (workflow: string) => Promise<unknown>]>([
    ['after a request for fewer grants', (workflow) => askForToken([READ], { workflow })],
    ['with fewer grants than before', async () => undefined],
    [
      'after a suspension',
      async (workflow) => {
        await admin(`workflows/${workflow}/suspend`, { reason: 'a test' });
        await admin(`workflows/${workflow}/resume`, { reason: 'a test' });
      },
    ],
    [
      'while a tool is denied',
      () => admin('denials', { scope: 'tool', value: LIST, reason: 'a test' }),
    ],
  ])('is recorded %s', async (name, change) => {
    const workflow = await renewed();
    await change(workflow);
    const before = (await records()).filter(({ event }) => event === 'mint').length;
    const tools = name.startsWith('with fewer') ? [READ] : [READ, LIST];
    expect(await askForToken(tools, { workflow, lifetime: 60 })).toMatchObject({ status: 200 });
    const after = (await records()).filter(({ event }) => event === 'mint').length;
    expect(after).toBeGreaterThan(before);
  });

  test('is recorded if the row has no room for it', async () => {
    const workflow = await renewed();
    for (let n = 1; n < RENEWALS_KEPT_MAX; n++) {
      await askForToken([READ, LIST], { workflow, lifetime: 60 });
    }
    expect(await events()).toEqual(['mint']);
    expect(await askForToken([READ, LIST], { workflow })).toMatchObject({ status: 200 });
    expect(await events()).toEqual(['mint', 'mint']);
    await runInDurableObject(object(workflow), (_object, { storage }) => {
      const long = readSeconds() - 200;
      const recent = [{ block: 'a', at: long, expires: long + 60, of: 0 }];
      editWorkflows(storage, { renewals: { count: RENEWALS_KEPT_MAX, at: long, recent } });
    });
    expect(await askForToken([READ, LIST], { workflow })).toMatchObject({ status: 200 });
    expect(await stored(workflow)).toMatchObject({ renewals: { recent: { length: 1 } } });
    expect(await events()).toEqual(['mint', 'mint']);
  });

  test('is recorded if its workflow has got another capability meanwhile', async () => {
    const workflow = await renewed();
    let isFirst = true;
    const racing = {
      getByName: (name: string) => {
        const own = env.WORKFLOW.getByName(name);
        return {
          forMint: (id: string) => own.forMint(id),
          continue: async (mint: Parameters<typeof own.continue>[0]) => {
            if (isFirst) {
              isFirst = false;
              await own.continue({ ...mint, isRenewal: undefined, mintDigest: 'another' } as never);
            }
            return own.continue(mint);
          },
        };
      },
    };
    const of = { ...env, WORKFLOW: racing } as unknown as IssuerEnv;
    expect(await askForToken([READ, LIST], { workflow }, of)).toMatchObject({ status: 200 });
    expect(await events()).toEqual(['mint', 'mint']);
  });

  test('is refused once its workflow is stopped, or if no one can say whether it is denied', async () => {
    const workflow = await renewed();
    const silent = { getByName: () => ({ admit: () => Promise.reject(new Error('lost')) }) };
    const of = { ...env, REVOCATION_LOG: silent } as unknown as IssuerEnv;
    const unanswered = await askForToken([READ, LIST], { workflow }, of);
    expect(unanswered).toMatchObject({ status: 503, token: undefined });
    await admin(`workflows/${workflow}/revoke`, { reason: 'a test' });
    expect(await askForToken([READ, LIST], { workflow })).toMatchObject({
      status: 400,
      token: undefined,
    });
  });
});

describe('the renewals of a workflow', () => {
  test('are counted by the record of its end, and by the closing record', async () => {
    const workflow = await renewed();
    await askForToken([READ, LIST], { workflow, lifetime: 60 });
    await admin(`workflows/${workflow}/revoke`, { reason: 'a test' });
    await untilPublished(object(workflow));
    const [, revocation] = await records();
    expect(revocation).toMatchObject({ event: 'revocation', renewals: 2 });
    const { renewedAt = 0 } = revocation as { renewedAt?: number };
    expect(readSeconds() - renewedAt).toBeLessThan(60);
    await runInDurableObject(object(workflow), (_object, { storage }) => {
      editWorkflows(storage, { endedAt: Date.now() - 3_700_000, tokensEnd: readSeconds() - 100 });
      return storage.setAlarm(Date.now());
    });
    await runDurableObjectAlarm(object(workflow));
    expect((await records()).at(-1)).toMatchObject({
      event: 'closing',
      mints: 3,
      renewals: 2,
      renewedAt,
    });
  });

  test('are counted by the record of an expiry, once it is not renewed', async () => {
    const workflow = await renewed();
    await runInDurableObject(object(workflow), (_object, { storage }) => {
      editWorkflows(storage, { renewedAt: readSeconds() - 111 });
      return storage.setAlarm(Date.now());
    });
    await runDurableObjectAlarm(object(workflow));
    await untilPublished(object(workflow));
    expect((await records()).at(-1)).toMatchObject({
      event: 'transition',
      to: 'expired',
      renewals: 1,
    });
  });
});
