import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { CONTROL_LOG } from '../../../src/audit/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import { countLiving } from '../../../workers/issuer/log/control-logs.ts';
import { readRecords } from '../../../workers/issuer/log/read.ts';
import {
  type IssuerEnv,
  transparencyLog,
  workflowOf,
} from '../../../workers/issuer/platform/env.ts';
import type { WorkflowBinding } from '../../../workers/issuer/workflow/binding.ts';
import { AGENT, admin, askForToken, env, introspect, LIST, OWNER, READ } from './token.scene.ts';

afterEach(() => reset());

const control = () => transparencyLog(env, CONTROL_LOG);
const living = async () => (await control().living({})).workflows;
const count = (scope: 'all' | 'agent' | 'tool', value = '') => countLiving(env, { scope, value });
const events = async () =>
  (await readRecords(env, CONTROL_LOG, 0, 100)).map(({ record }) => record.event);

/** The names of the objects that a mint calls, in an environment that notes them. */
function envNoting(called: string[]): IssuerEnv {
  const workflow = {
    getByName: (name: string) => {
      called.push(name);
      return env.WORKFLOW.getByName(name);
    },
  };
  return { ...env, WORKFLOW: workflow } as unknown as IssuerEnv;
}

/** Moves the end of a root that no object has, as time would. */
const endAgo = (seconds: number) =>
  runInDurableObject(control(), (_instance, { storage }) => {
    storage.sql.exec('UPDATE living_root SET ends = ?', readSeconds() - seconds);
  });

describe('a mint that begins a root', () => {
  test('makes no object, and one row among the living', async () => {
    const called: string[] = [];
    const { workflow, status } = await askForToken([READ], {}, envNoting(called));
    expect([status, called]).toEqual([200, []]);
    expect(await living()).toMatchObject([{ start: { id: workflow }, state: 'active' }]);
  });

  test('hands out no token if the log does not answer', async () => {
    const begin = () => Promise.reject(new Error('lost'));
    const lost = { ...env, LOG: { getByName: () => ({ begin }) } } as unknown as IssuerEnv;
    expect(await askForToken([READ], {}, lost)).toMatchObject({ status: 503, token: undefined });
    expect(await living()).toEqual([]);
  });

  test('does not live on if its capability is refused after its record was written', async () => {
    const admit = async () => ({
      ok: true,
      value: { denied: [{ scope: 'agent', value: AGENT }], isDenying: false },
    });
    const denying = { ...env, REVOCATION_LOG: { getByName: () => ({ admit }) } };
    const refused = await askForToken([READ], {}, denying as unknown as IssuerEnv);
    expect(refused).toMatchObject({ status: 400, token: undefined });
    expect(await events()).toEqual(['mint', 'transition', 'refusal']);
    expect(await living()).toMatchObject([{ state: 'failed' }]);
    expect(await count('all')).toBe(0);
    const [{ start } = { start: undefined }] = await living();
    expect(await control().adopt(start?.id ?? '')).toBeUndefined();
  });

  test('can be revoked before its object exists', async () => {
    const { workflow } = await askForToken();
    const revoked = await admin(`workflows/${workflow}/revoke`, { reason: 'a test' });
    expect(revoked).toMatchObject({ status: 200, body: { recorded: true } });
    expect(await living()).toMatchObject([{ state: 'revoked' }]);
    expect(await count('all')).toBe(0);
    expect(await askForToken([READ], { workflow })).toMatchObject({ status: 400 });
  });

  test('can be revoked while the control log does not answer', async () => {
    const { workflow } = await askForToken();
    const command = { actor: 'operator', reason: 'a test' } as const;
    const revoked = await unheard(workflow, (object) => object.revoke(workflow, command));
    expect(revoked).toMatchObject({ ok: true });
    // Its facts come no more: it stays stopped.
    expect(await askForToken([READ], { workflow })).toMatchObject({ status: 400 });
  });
});

/** Calls the object of a root while the control log does not answer it. */
const unheard = <T>(workflow: string, call: (object: WorkflowBinding) => Promise<T>) =>
  runInDurableObject(workflowOf(env, workflow), async (instance) => {
    const real = Reflect.get(instance, 'env') as IssuerEnv;
    const LOG = { getByName: () => ({ adopt: () => Promise.reject(new Error('lost')) }) };
    Reflect.set(instance, 'env', { ...real, LOG });
    const answer = await call(instance as unknown as WorkflowBinding);
    Reflect.set(instance, 'env', real);
    return answer;
  });

describe('a root that no object has, while the control log does not answer,', () => {
  const suspend = { move: 'suspend', by: 'operator', actor: 'op', reason: 'a test' } as const;

  test('can be suspended, and stays so until an operator resumes it', async () => {
    const { workflow, token = '' } = await askForToken();
    const suspended = await unheard(workflow, (object) => object.move(workflow, suspend));
    expect(suspended).toMatchObject({ ok: true, value: { state: 'suspended', gen: 1, seq: 1 } });
    expect(await introspect(token)).toEqual({ active: false });
    const again = await unheard(workflow, (object) => object.move(workflow, suspend));
    expect(again).toMatchObject({ ok: true, value: { seq: 1 } });
    const { body } = await admin(`workflows/${workflow}`);
    expect(body).toMatchObject({ state: 'suspended', agent: AGENT });
    expect(await askForToken([READ], { workflow })).toMatchObject({ token: undefined });
    expect(await admin(`workflows/${workflow}/resume`, { reason: 'a test' })).toMatchObject({
      status: 200,
      body: { state: 'active', gen: 2 },
    });
    expect(await askForToken([READ], { workflow })).toMatchObject({ status: 200 });
    expect(await introspect(token)).toEqual({ active: false });
  });

  test('is not forgotten before the log answers', async () => {
    const { workflow } = await askForToken();
    await unheard(workflow, (object) => object.move(workflow, suspend));
    const object = workflowOf(env, workflow);
    // An hour later, when an unknown workflow that was revoked is closed.
    await runInDurableObject(object, (_i, { storage }) => storage.setAlarm(Date.now()));
    await unheard(workflow, (instance) =>
      (instance as unknown as { alarm(): Promise<void> }).alarm(),
    );
    const waits = await runInDurableObject(object, (_i, { storage }) => storage.getAlarm());
    expect((waits ?? 0) - Date.now()).toBeLessThanOrEqual(60_000);
    await runDurableObjectAlarm(object);
    expect(await object.view(workflow)).toMatchObject({ state: 'suspended', agent: AGENT });
  });

  test('is neither completed nor failed, nor suspended once it is revoked', async () => {
    const { workflow } = await askForToken();
    const fail = { move: 'fail', by: 'agent', actor: AGENT } as const;
    const failed = await unheard(workflow, (object) => object.move(workflow, fail));
    expect(failed).toMatchObject({ ok: false, error: { code: 'audit_unavailable' } });
    const command = { actor: 'operator', reason: 'a test' } as const;
    await unheard(workflow, (object) => object.revoke(workflow, command));
    const suspended = await unheard(workflow, (object) => object.move(workflow, suspend));
    expect(suspended).toMatchObject({ error: { code: 'move_refused', state: 'revoked' } });
  });
});

describe('the object of a root', () => {
  test('adopts what it began with, once', async () => {
    const { workflow } = await askForToken();
    const [before] = await living();
    const view = await workflowOf(env, workflow).view(workflow);
    expect(view).toMatchObject({ ...before?.start, state: 'active', agent: AGENT });
    expect(await control().adopt(workflow)).toEqual(before?.start);
    expect((await askForToken([READ], { workflow })).status).toBe(200);
  });

  test('adopts nothing under an id that never began', async () => {
    const unknown = 'wf_AAAAAAAAAAAAAAAAAAAAAA';
    expect(await control().adopt(unknown)).toBeUndefined();
    expect(await workflowOf(env, unknown).view(unknown)).toBeUndefined();
  });

  test('keeps the idle time that began with the mint', async () => {
    const { workflow } = await askForToken();
    const [before] = await living();
    const { idle } = await runInDurableObject(control(), (_i, { storage }) =>
      storage.sql.exec('SELECT ends AS idle FROM living_root').one(),
    );
    expect(idle).toBe((before?.start.startedAt ?? 0) + 3_600);
    await workflowOf(env, workflow).view(workflow);
    const alarm = await runInDurableObject(workflowOf(env, workflow), (_i, { storage }) =>
      storage.getAlarm(),
    );
    expect(alarm).toBe(((before?.start.startedAt ?? 0) + 3_601) * 1_000);
  });
});

describe('a workflow that must be renewed', () => {
  test('ends no earlier than its capability, and no later than it says', async () => {
    const { workflow, expiresIn } = await askForToken([READ], { renew_within: 90 });
    expect(expiresIn).toBe(90);
    const [{ start, ends } = { start: undefined, ends: 0 }] = await living();
    expect(ends).toBe((start?.startedAt ?? 0) + 90);
    await endAgo(3_700);
    await runInDurableObject(control(), (_i, { storage }) => storage.setAlarm(Date.now()));
    await runDurableObjectAlarm(control());
    expect(await events()).toEqual(['mint', 'closing']);
    expect(await askForToken([READ], { workflow })).toMatchObject({ status: 400 });
  });

  test('keeps to it when it is renewed', async () => {
    const { workflow } = await askForToken([READ], { renew_within: 90, lifetime: 60 });
    const renewed = await askForToken([READ], { workflow });
    expect(renewed).toMatchObject({ status: 200, workflow, expiresIn: 90 });
    const again = await askForToken([READ], { workflow, lifetime: 30 });
    expect(again).toMatchObject({ status: 200, expiresIn: 30 });
    expect(await workflowOf(env, workflow).view(workflow)).toMatchObject({ renewWithin: 90 });
  });
});

describe('living workflows', () => {
  test('are counted by what their tokens name', async () => {
    await askForToken([READ]);
    await askForToken([READ, LIST]);
    expect(await count('all')).toBe(2);
    expect(await count('agent', AGENT)).toBe(2);
    expect(await count('tool', READ)).toBe(2);
    expect(await count('tool', LIST)).toBe(1);
    expect(await count('agent', 'https://idp.example#other')).toBe(0);
  });

  test('are counted by the tools that they gained', async () => {
    const { workflow } = await askForToken([READ]);
    const grown = await askForToken([READ, LIST], { workflow, step_up: true });
    expect(grown.status).toBe(200);
    expect(await count('tool', LIST)).toBe(1);
  });

  test('are listed page by page, by scope and state', async () => {
    for (let n = 0; n < 5; n++) await askForToken([READ]);
    const first = await control().living({ limit: 3, scope: { scope: 'owner', value: OWNER } });
    expect(first.workflows).toHaveLength(3);
    const second = await control().living({ limit: 3, after: first.next ?? '' });
    expect(second).toMatchObject({ workflows: { length: 2 } });
    expect(second.next).toBeUndefined();
    expect((await control().living({ state: 'revoked' })).workflows).toEqual([]);
  });

  test('that were never used are closed an hour after their end', async () => {
    const { workflow } = await askForToken();
    await endAgo(3_500);
    await runDurableObjectAlarm(control());
    expect(await events()).toEqual(['mint']);
    await endAgo(3_700);
    await runInDurableObject(control(), (_i, { storage }) => storage.setAlarm(Date.now()));
    await runDurableObjectAlarm(control());
    expect(await events()).toEqual(['mint', 'closing']);
    expect(await living()).toEqual([]);
    expect(await control().adopt(workflow)).toBeUndefined();
  });

  test('that an object has are closed by it alone', async () => {
    const { workflow } = await askForToken();
    await workflowOf(env, workflow).view(workflow);
    await endAgo(3_700);
    await runInDurableObject(control(), (_i, { storage }) => storage.setAlarm(Date.now()));
    await runDurableObjectAlarm(control());
    expect(await events()).toEqual(['mint']);
  });
});
