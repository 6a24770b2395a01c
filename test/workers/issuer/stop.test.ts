import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { findLogFault } from '../../../src/audit/index.ts';
import type { StopDraft } from '../../../workers/issuer/feed/entry-draft.ts';
import { breaker, revocationLog } from '../../../workers/issuer/platform/env.ts';
import { workflowRoutes } from '../../../workers/issuer/workflow/operator-routes.ts';
import type { StoredWorkflow } from '../../../workers/issuer/workflow/tree.ts';
import { dueNow, emptyAudit, endHanging, fillAudit, loseAudit } from './audit-weather.ts';
import { readMerged } from './merged.ts';
import * as scene from './stop.scene.ts';
import { env, feed, NOW, resume, revoke, root, suspend, trail, tree } from './stop.scene.ts';
import { createTable, editWorkflows, untilPublished } from './stored-tree.ts';
import { OPERATOR, env as operated } from './token.scene.ts';

afterEach(async () => {
  emptyAudit();
  await untilPublished(root());
  await reset();
});

const restart = () => evictDurableObject(env.WORKFLOW.getByName(tree.root));
const alarms = async (count: number): Promise<void> => {
  for (let run = 0; run < count; run++) {
    await dueNow(root());
    await runDurableObjectAlarm(root());
  }
};
/** The trail once it has a record. A log that was slow has postponed what it is owed. */
const recorded = async () => {
  await expect
    .poll(async () => {
      await alarms(1);
      return trail();
    })
    .not.toEqual([]);
  return trail();
};
/** Stores an intent that is not delivered yet. */
const addIntent = (statement: string) =>
  runInDurableObject(root(), (_object, { storage }) => {
    createTable(storage, 'intent');
    storage.sql.exec(statement);
  });
const edit = (changes: Partial<StoredWorkflow>) =>
  runInDurableObject(root(), (_object, { storage }) => editWorkflows(storage, changes));

/** Each way to stop a workflow, and the feed entry that follows. */
const STOPS: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  ['an operator suspends it', () => suspend(), 'suspension root'],
  ['an operator revokes it', () => revoke(), 'workflow root'],
  ['an operator revokes its child', () => revoke(tree.child), 'workflow root.a'],
  ['its agent fails', () => scene.fail('gave up'), 'workflow root'],
  [
    'its agent completes',
    () => root().move(tree.root, { move: 'complete', by: 'agent', actor: 'agent' }),
    'workflow root',
  ],
  [
    'a rule suspends it',
    () => root().observe([scene.denial(), scene.denial(), scene.denial()]),
    'suspension root',
  ],
  [
    'it is idle for too long',
    async () => {
      await edit({ activeAt: NOW - 4_000 });
      await runDurableObjectAlarm(root());
    },
    'workflow root',
  ],
  [
    'a holder gives up a token',
    () => root().revokeByHolder(tree.root, 'ab'.repeat(64)),
    `block ${'ab'.repeat(64)}`,
  ],
];

describe('a workflow is stopped at once even if the audit log does not answer, when', () => {
  test.each(STOPS)('%s', async (_, stop, entry) => {
    await scene.family();
    await loseAudit(root(), env, 'fails');
    await stop();
    expect(await feed()).toContain(entry);
    await alarms(6);
    expect(await trail()).toEqual([]);
    await restart();
    const records = await recorded();
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    expect(await findLogFault(await readMerged(env, { after: 0 }), 0)).toBeUndefined();
  });

  test.each(STOPS)('the log is full and %s', async (_, stop, entry) => {
    await scene.family();
    await fillAudit(env);
    await stop();
    expect(await feed()).toContain(entry);
    expect(await trail()).toEqual([]);
    emptyAudit();
    await recorded();
  });

  test('the log hangs, because the entry goes to the feed first', async () => {
    await scene.family();
    await loseAudit(root(), env, 'hangs');
    let hasAnswered = false;
    const revoked = revoke().finally(() => {
      hasAnswered = true;
    });
    await expect.poll(feed, { interval: 10 }).toEqual(['workflow root']);
    expect(hasAnswered).toBe(false); // It still waits for the log.
    expect(await revoked).toMatchObject({ ok: true, value: { recorded: false } });
    // Another stop of the same object does not wait for the first one either.
    const at = Date.now();
    await revoke(tree.child);
    expect(await feed()).toEqual(['workflow root', 'workflow root.a']);
    expect(Date.now() - at).toBeLessThan(3_000);
    await endHanging();
    await restart();
  });

  test('the breaker does not answer either and an operator revokes what a rule has found', async () => {
    await scene.family();
    await runInDurableObject(root(), (object) => {
      const call = () => Promise.reject(new Error('lost'));
      const lost = { getByName: () => new Proxy({}, { get: () => call }) };
      Object.assign(object, { env: { ...env, LOG: lost, BREAKER: lost } });
    });
    await root().observe([scene.denial(), scene.denial(), scene.denial()]);
    expect(await revoke()).toMatchObject({ ok: true });
    await alarms(1);
    expect(await feed()).toEqual(['workflow root']);
    expect(await breaker(env).tripped()).toEqual([]);
  });
});

describe('a stop that has not reached the feed', () => {
  const loseFeed = () =>
    runInDurableObject(root(), (object) => {
      const call = () => Promise.reject(new Error('lost'));
      const lost = { getByName: () => new Proxy({}, { get: () => call }) };
      Object.assign(object, { env: { ...env, REVOCATION_LOG: lost } });
    });

  test('is reported as not in force, is not recorded, and is the same when repeated', async () => {
    await scene.family();
    await loseFeed();
    const refused = { ok: false, error: { code: 'feed_unavailable' } };
    expect(await suspend()).toMatchObject(refused);
    expect(await suspend()).toMatchObject(refused);
    expect(await trail()).toEqual([]);
    await restart();
    expect(await suspend()).toMatchObject({ ok: true, value: { state: 'suspended' } });
    expect(await feed()).toEqual(['suspension root']);
    expect(await suspend()).toMatchObject({ error: { code: 'move_refused' } });
  });
});

describe("an operator's view", () => {
  const show = async () => {
    const params = { id: tree.root };
    const headers = { authorization: `Bearer ${OPERATOR}` };
    const request = Object.assign(new Request('https://issuer.example/', { headers }), { params });
    const shown = await workflowRoutes.showWorkflow.handle(request as never, operated);
    const { state, ordered, standing } = (await shown.json()) as Record<string, unknown>;
    return [state, ordered, standing];
  };
  const lose = (binding: 'LOG' | 'REVOCATION_LOG') =>
    runInDurableObject(root(), (object) => {
      const call = () => Promise.reject(new Error('lost'));
      const lost = { getByName: () => new Proxy({}, { get: () => call }) };
      Object.assign(object, { env: { ...env, [binding]: lost } });
    });

  test('shows a revoked workflow as active until the feed has the entry', async () => {
    await scene.family();
    expect(await show()).toEqual(['active', undefined, undefined]);
    await lose('REVOCATION_LOG');
    await revoke();
    expect(await show()).toEqual(['active', 'revoked', 'ordered']);
    await restart();
    await alarms(1);
    expect(await show()).toEqual(['revoked', undefined, 'in_feed']);
    const { epoch, seq } = (await root().view(tree.root))?.standing.entry ?? { epoch: 0, seq: 0 };
    await revocationLog(env).confirm({ verifier: 'node', epoch, seq });
    expect(await show()).toEqual(['revoked', undefined, 'confirmed']);
  });

  test('shows a resumed workflow as suspended until the feed has the entry', async () => {
    await scene.family();
    await suspend();
    await lose('LOG');
    await resume();
    expect(await show()).toEqual(['suspended', 'active', undefined]);
  });
});

describe('a resumption', () => {
  test('is recorded first, so it waits for the audit log', async () => {
    await scene.family();
    await suspend();
    await loseAudit(root(), env, 'fails');
    expect(await resume()).toMatchObject({ error: { code: 'audit_unavailable' } });
    await alarms(2);
    expect(await feed()).toEqual(['suspension root']);
    expect(await scene.stateOf(tree.root)).toBe('suspended 2');
    await restart();
    expect(await resume()).toMatchObject({ ok: true, value: { state: 'active', gen: 2 } });
    expect(await feed()).toEqual(['suspension root', 'resumption root.a 2', 'resumption root 2']);
  });

  test('does not undo a later suspension that overtook it', async () => {
    await scene.family();
    await suspend();
    await loseAudit(root(), env, 'fails');
    await resume();
    expect(await suspend()).toMatchObject({ ok: true, value: { state: 'suspended' } });
    await restart();
    await alarms(3);
    expect(await scene.stateOf(tree.root)).toBe('suspended 2');
    for (const gen of [1, 2, 3]) expect(await scene.isStopped(tree.root, gen)).toBe(true);
    // The record shows that it was commanded, and that it never took effect.
    const resumptions = (await trail()).filter((one) => 'move' in one && one.move === 'resume');
    expect(resumptions).toMatchObject([{ superseded: true }, { superseded: true }]);
    expect(await resume()).toMatchObject({ ok: true, value: { state: 'active', gen: 3 } });
    expect(await scene.isStopped(tree.root, 3)).toBe(false);
    expect(await scene.isStopped(tree.root, 2)).toBe(true);
  });

  test('that reaches the log late does not undo a suspension of its generation', async () => {
    const log = revocationLog(env);
    const times = { at: NOW, expires: NOW + 3_000 };
    await scene.family();
    await log.append({ kind: 'suspension', id: tree.root, gen: 1, ...times });
    const { seq } = await log.append({ kind: 'suspension', id: tree.root, gen: 2, ...times });
    const late = await log.append({ kind: 'resumption', id: tree.root, gen: 2, ...times });
    expect(late).toMatchObject({ seq });
    expect(await scene.isStopped(tree.root, 2)).toBe(true);
    await log.append({ kind: 'resumption', id: tree.root, gen: 3, ...times });
    expect(await scene.isStopped(tree.root, 3)).toBe(false);
  });

  test('waits until the feed has the stop that it ends, and names the log that it is waiting for', async () => {
    await scene.family();
    await runInDurableObject(root(), (object) => {
      const append = (word: StopDraft) =>
        word.kind === 'suspension'
          ? Promise.reject(new Error('lost on its way'))
          : revocationLog(env).append(word);
      const lost = { getByName: () => ({ append }) };
      Object.assign(object, { env: { ...env, REVOCATION_LOG: lost } });
    });
    await suspend();
    expect(await resume()).toMatchObject({ error: { code: 'feed_unavailable' } });
    expect(await feed()).toEqual([]);
    await restart();
    await alarms(1);
    expect(await feed()).toEqual(['suspension root', 'resumption root.a 2', 'resumption root 2']);
    expect(await scene.isStopped(tree.root, 1)).toBe(true);
  });

  test('follows earlier stops that the feed did not have yet', async () => {
    await scene.family();
    await edit({ ordered: 'suspended', suspendedBy: 'operator' });
    const word = { kind: 'suspension', id: tree.root, gen: 1, at: NOW, expires: NOW + 3_000 };
    const record = { event: 'transition', id: 't', at: 1, move: 'suspend', to: 'suspended' };
    await addIntent(`INSERT INTO intent (id, target, record, word, workflow, becomes, done) VALUES
      ('t', '${tree.root}', '${JSON.stringify(record)}', '${JSON.stringify(word)}', '${tree.root}',
      'suspended', 0)`);
    expect(await resume()).toMatchObject({ ok: true, value: { gen: 2 } });
    expect((await feed()).at(0)).toBe('suspension root');
    expect((await feed()).at(-1)).toBe('resumption root 2');
  });
});

describe('a malformed text', () => {
  const TEXTS = ['\ud800', 'cut inside \ud83d', '\udc00', '\0', '\u202e', '"\\ud800"'];

  test.each(TEXTS)("as an agent's reason makes nothing irrevocable: %j", async (text) => {
    await scene.family();
    expect(await scene.fail(text, tree.child)).toMatchObject({
      ok: true,
      value: { recorded: true },
    });
    expect(await suspend(tree.root, text)).toMatchObject({ ok: true, value: { recorded: true } });
    expect(await revoke(tree.root, text)).toMatchObject({ ok: true, value: { recorded: true } });
    expect(await feed()).toEqual(['workflow root.a', 'suspension root', 'workflow root']);
    expect(await findLogFault(await readMerged(env, { after: 0 }), 0)).toBeUndefined();
  });

  test.each(TEXTS)('that an earlier release stored is delivered now: %j', async (text) => {
    await scene.family();
    await scene.storePoisoned(text);
    await restart();
    await alarms(1);
    expect(await feed()).toEqual(['suspension root', 'workflow root']);
    expect(await scene.stateOf(tree.root)).toBe('revoked 1');
    expect((await trail()).map(({ id }) => id)).toEqual([
      `transition.${tree.root}.1.suspended`,
      `transition.${tree.root}.1.revoked`,
    ]);
    expect(await revoke()).toMatchObject({ ok: true, value: { recorded: true } });
  });

  test('that cannot be read any more blocks only its own intent', async () => {
    await scene.family();
    await addIntent(`INSERT INTO intent (id, target, record, word, workflow, becomes, done) VALUES
      ('bad', '${tree.child}', '{', '{"kind":"another"}', '${tree.child}', 'suspended', 0)`);
    expect(await suspend()).toMatchObject({ ok: true, value: { recorded: true } });
    expect(await revoke()).toMatchObject({ ok: true, value: { recorded: true } });
    expect(await feed()).toEqual(['suspension root', 'workflow root']);
  });

  test('whose record no log can write blocks no other record and no stop', async () => {
    await scene.family();
    await revoke(tree.child);
    await runInDurableObject(root(), (_object, { storage }) => {
      createTable(storage, 'owed');
      storage.sql.exec("INSERT INTO owed (id, record, tries, due) VALUES ('bad', '{}', 0, 0)");
    });
    expect(await revoke()).toMatchObject({ ok: true, value: { recorded: true } });
    expect(await feed()).toEqual(['workflow root.a', 'workflow root']);
  });
});
