import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import {
  POLL,
  PUSH,
  readStatus,
  type StreamRequest,
  type WorkflowChange,
} from '../../../src/signals/index.ts';
import type { Workflow } from '../../../workers/issuer/objects.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import {
  type IssuerEnv,
  signalStreams,
  statusList,
  workflowOf,
} from '../../../workers/issuer/platform/env.ts';
import { OnDemandStorage } from '../../../workers/issuer/platform/on-demand.ts';
import { publishChange, SignalOutbox } from '../../../workers/issuer/signals/outbox.ts';
import { jwks } from '../../../workers/issuer/token/metadata.ts';
import { workflowSchema } from '../../../workers/issuer/workflow/schema.ts';
import { SmallTable } from '../../../workers/issuer/workflow/small-table.ts';
import { TreeRow } from '../../../workers/issuer/workflow/tree-row.ts';
import { readMerged } from './merged.ts';

const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

const now = () => Math.floor(Date.now() / 1000);
const referred = (workflow: string, ancestors: readonly string[] = []) => ({
  workflow,
  ancestors,
  issuedAt: now(),
});
const change = (
  workflow: string,
  state: WorkflowChange['state'] = 'revoked',
  at = Date.now(),
): WorkflowChange => ({ id: `${workflow}.${state}.${at}`, workflow, state, at, by: 'admin' });

const keys = async () =>
  createLocalJWKSet((await (await jwks(env)).json()) as unknown as JSONWebKeySet);

/** Reads it as a relying party does: from the token and the keys of the JWKS. */
async function statusOf(workflow: string, ancestors: readonly string[] = []): Promise<unknown> {
  const { list, idx } = await statusList(env).place(referred(workflow, ancestors));
  // Avoids waiting in each test for the second in which a list is signed once.
  await evictDurableObject(env.STATUS_LIST.getByName('default'));
  const token = (await statusList(env).token(list)) ?? '';
  const uri = `${env.ISSUER}/status/v1/${list}`;
  const reference = { issuer: env.ISSUER, uri, idx, keys: await keys(), now: new Date() };
  const status = await readStatus(token, reference);
  return status.ok ? status.value : status.error.code;
}

describe('a status list', () => {
  test('gives a workflow one random index, even across an eviction', async () => {
    const first = await statusList(env).place(referred('wf_a'));
    await evictDurableObject(env.STATUS_LIST.getByName('default'));
    expect(await statusList(env).place(referred('wf_a'))).toEqual(first);
    const places = await Promise.all(
      Array.from({ length: 50 }, (_, n) => statusList(env).place(referred(`wf_${n}`))),
    );
    const indexes = places.map(({ idx }) => idx);
    expect(new Set(indexes).size).toBe(50);
    expect(new Set(places.map(({ list }) => list))).toEqual(new Set([first.list]));
    const ascending = indexes.filter((idx, n) => n > 0 && idx > (indexes[n - 1] ?? 0)).length;
    expect(ascending).toBeGreaterThan(5);
    expect(ascending).toBeLessThan(44);
  });

  test('contains the status of a workflow', async () => {
    expect(await statusOf('wf_a')).toBe('valid');
    await publishChange(env, change('wf_a', 'suspended', 1_000));
    expect(await statusOf('wf_a')).toBe('suspended');
    await publishChange(env, change('wf_a', 'active', 2_000));
    expect(await statusOf('wf_a')).toBe('valid');
    await publishChange(env, change('wf_a', 'revoked', 3_000));
    await publishChange(env, change('wf_a', 'active', 4_000));
    expect(await statusOf('wf_a')).toBe('invalid');
    expect(await statusOf('wf_b')).toBe('valid');
  });

  test('contains a revocation that came before the first introspection', async () => {
    await publishChange(env, change('wf_a'));
    expect(await statusOf('wf_a')).toBe('invalid');
  });

  test('ends a child with its parent, and not the parent with its child', async () => {
    expect(await statusOf('wf_child', ['wf_root'])).toBe('valid');
    await publishChange(env, change('wf_root', 'suspended', 1_000));
    expect(await statusOf('wf_child', ['wf_root'])).toBe('suspended');
    await publishChange(env, change('wf_child', 'completed', 2_000));
    expect(await statusOf('wf_child', ['wf_root'])).toBe('invalid');
    expect(await statusOf('wf_root')).toBe('suspended');
  });

  test('is invalid when no workflow of that age can be alive, even without a change', async () => {
    expect(await statusOf('wf_a')).toBe('valid');
    await runInDurableObject(statusList(env), (_list, { storage }) => {
      storage.sql.exec('UPDATE place SET ends = 1000');
    });
    expect(await statusOf('wf_a')).toBe('invalid');
  });

  test('is followed by another when it is full, and both are served', async () => {
    const first = await statusList(env).place(referred('wf_a'));
    await runInDurableObject(statusList(env), (_list, { storage }) => {
      storage.sql.exec('UPDATE list SET taken = 49152');
    });
    const second = await statusList(env).place(referred('wf_b'));
    expect(second.list).not.toBe(first.list);
    expect(await statusList(env).place(referred('wf_a'))).toEqual(first);
    expect([await statusOf('wf_a'), await statusOf('wf_b')]).toEqual(['valid', 'valid']);
  });

  test('is deleted when the last of its workflows must have ended, and not before', async () => {
    const { list } = await statusList(env).place(referred('wf_a'));
    await publishChange(env, change('wf_b', 'revoked', 1_000));
    await runInDurableObject(statusList(env), (_list, { storage }) => {
      storage.sql.exec('UPDATE list SET opened = 1000');
    });
    expect(await runDurableObjectAlarm(statusList(env))).toBe(true);
    expect(await statusList(env).token(list)).toBeDefined();
    await runInDurableObject(statusList(env), async (_list, { storage }) => {
      expect(storage.sql.exec('SELECT 1 FROM standing').toArray()).toEqual([]);
      storage.sql.exec('UPDATE list SET ends = 1000');
    });
    expect(await runDurableObjectAlarm(statusList(env))).toBe(true);
    expect(await statusList(env).token(list)).toBeUndefined();
    await runInDurableObject(statusList(env), async (_list, { storage }) => {
      for (const table of ['list', 'place', 'named']) {
        expect(storage.sql.exec(`SELECT 1 FROM ${table}`).toArray()).toEqual([]);
      }
      expect(await storage.getAlarm()).toBeNull();
    });
  });

  test('is signed once a second however often it is requested, and an invented name is not signed', async () => {
    const { list } = await statusList(env).place(referred('wf_a'));
    const tokens = await Promise.all(Array.from({ length: 20 }, () => statusList(env).token(list)));
    expect(new Set(tokens).size).toBe(1);
    expect(await statusList(env).token('AAAAAAAAAAAAAAAA')).toBeUndefined();
  });

  test('never has an earlier time than the last one, even if the clock goes back', async () => {
    const { list } = await statusList(env).place(referred('wf_a'));
    const later = now() + 30;
    await runInDurableObject(statusList(env), (_list, { storage }) => {
      storage.sql.exec('UPDATE list SET signed = ?', later);
    });
    expect(decodeJwt((await statusList(env).token(list)) ?? '').iat).toBe(later);
  });
});

const DIGEST = async (token: string) =>
  crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
const hex = (digest: ArrayBuffer) =>
  [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

async function polled(token: string): Promise<string> {
  const order: StreamRequest = {
    audience: `https://${token}.example`,
    delivery: { method: POLL },
    receiverSha256: hex(await DIGEST(token)),
  };
  const created = await signalStreams(env).create(order, { actor: 'operator' });
  if (!created.ok) throw new Error(created.error.code);
  return created.value;
}

const poll = async (stream: string, token: string, more: object = {}) =>
  signalStreams(env).poll(stream, await DIGEST(token), {
    eventsMax: 100,
    accepted: [],
    refused: [],
    ...more,
  });
const ids = async (stream: string, token: string, more: object = {}) =>
  Object.keys((await poll(stream, token, more))?.sets ?? {});

describe('a stream', () => {
  test('has each end once, however often it is published, until it is acknowledged', async () => {
    const stream = await polled('a');
    for (let again = 0; again < 3; again++) await publishChange(env, change('wf_a', 'revoked', 1));
    await publishChange(env, change('wf_b', 'suspended', 2));
    const [event, ...others] = await ids(stream, 'a');
    expect(others).toEqual([]);
    await evictDurableObject(env.SIGNAL_STREAMS.getByName('default'));
    expect(await ids(stream, 'a')).toEqual([event]);
    expect(await ids(stream, 'a', { accepted: [event] })).toEqual([]);
    await publishChange(env, change('wf_a', 'revoked', 1));
    expect(await ids(stream, 'a')).toEqual([]);
  });

  test('is signed with the signal key for its receiver', async () => {
    const stream = await polled('a');
    await publishChange(env, change('wf_a'));
    const [set = ''] = Object.values((await poll(stream, 'a'))?.sets ?? {});
    const { payload, protectedHeader } = await jwtVerify(set, await keys(), {
      issuer: env.ISSUER,
      audience: 'https://a.example',
      typ: 'secevent+jwt',
    });
    expect(payload).toMatchObject({ txn: 'wf_a', sub_id: { session: { id: 'wf_a' } } });
    const published = (await (await jwks(env)).json()) as { keys: Record<string, string>[] };
    const uses = published.keys.map(({ kid, hewn_use }) => [kid, hewn_use]);
    expect(uses.filter(([kid]) => kid === protectedHeader.kid)).toEqual([
      [protectedHeader.kid, 'signal'],
    ]);
  });

  test('cannot be read or acknowledged with the credential of another stream', async () => {
    const [one, other] = [await polled('a'), await polled('b')];
    await publishChange(env, change('wf_a'));
    const [event] = await ids(one, 'a');
    expect(await poll(one, 'b', { accepted: [event] })).toBeUndefined();
    expect(await poll('AAAAAAAAAAAAAAAA', 'a')).toBeUndefined();
    await ids(other, 'b', { accepted: [event], refused: [event] });
    expect(await ids(one, 'a')).toEqual([event]);
    expect(await ids(other, 'b')).toHaveLength(1);
  });

  test('returns as many events as requested, in order, and whether there are more', async () => {
    const stream = await polled('a');
    for (let n = 0; n < 3; n++) await publishChange(env, change(`wf_${n}`, 'revoked', n));
    const first = await poll(stream, 'a', { eventsMax: 2 });
    expect(Object.values(first?.sets ?? {}).map((set) => decodeJwt(set).txn)).toEqual([
      ...['wf_0', 'wf_1'],
    ]);
    expect(first?.moreAvailable).toBe(true);
    const none = await poll(stream, 'a', {
      eventsMax: 0,
      accepted: Object.keys(first?.sets ?? {}),
    });
    expect(none).toEqual({ sets: {}, moreAvailable: true });
    const last = await poll(stream, 'a');
    expect(Object.keys(last?.sets ?? {})).toHaveLength(1);
    expect(last).not.toHaveProperty('moreAvailable');
  });

  test('drops its oldest event when it is full, and counts them', async () => {
    const stream = await polled('a');
    await runInDurableObject(signalStreams(env), (_streams, { storage }) => {
      for (let n = 0; n < 1_000; n++) {
        const who = { iss: env.ISSUER, aud: 'a', iat: now(), sub_id: {}, events: {} };
        const claims = JSON.stringify({ ...who, jti: `${n}` });
        storage.sql.exec(
          'INSERT INTO event (stream, jti, claims, at) VALUES (?, ?, ?, ?)',
          ...[stream, `${n}`, claims, now()],
        );
      }
    });
    await publishChange(env, change('wf_a'));
    expect(await signalStreams(env).list()).toMatchObject([{ queued: 1_000, dropped: 1 }]);
    expect((await ids(stream, 'a')).slice(0, 2)).toEqual(['1', '2']);
  });

  test('drops events that are older than any token, and counts them', async () => {
    const stream = await polled('a');
    await publishChange(env, change('wf_a'));
    await runInDurableObject(signalStreams(env), (_streams, { storage }) => {
      storage.sql.exec('UPDATE event SET at = at - 86401');
    });
    expect(await ids(stream, 'a')).toEqual([]);
    expect(await signalStreams(env).list()).toMatchObject([{ queued: 0, dropped: 1 }]);
  });

  test('keeps its events while it is paused, and has none while it is disabled', async () => {
    const [paused, disabled] = [await polled('a'), await polled('b')];
    const set = (id: string, status: 'enabled' | 'paused' | 'disabled') =>
      signalStreams(env).setStatus(id, { status, reason: 'test' }, { actor: 'operator' });
    await set(paused, 'paused');
    await set(disabled, 'disabled');
    await publishChange(env, change('wf_a'));
    // Only the event that says so.
    const [pausedNow, disabledNow] = [await ids(paused, 'a'), await ids(disabled, 'b')];
    expect([pausedNow.length, disabledNow.length]).toEqual([1, 1]);
    await ids(paused, 'a', { accepted: pausedNow });
    await ids(disabled, 'b', { accepted: disabledNow });
    await set(paused, 'enabled');
    await set(disabled, 'enabled');
    expect(await ids(paused, 'a')).toHaveLength(2);
    expect(await ids(disabled, 'b')).toHaveLength(1);
    expect(await signalStreams(env).verify(disabled, { by: 'operator' })).toMatchObject({
      ok: true,
    });
  });

  test('is recorded before it exists, without its secrets', async () => {
    const secret = 'Bearer of-the-endpoint';
    const order: StreamRequest = {
      audience: 'https://r.example',
      receiverSha256: '0'.repeat(64),
      delivery: { method: PUSH, url: 'https://r.example/in', authorization: secret },
    };
    const created = await signalStreams(env).create(order, { actor: 'operator' });
    if (!created.ok) throw new Error(created.error.code);
    await signalStreams(env).remove(created.value, { actor: 'operator' });
    const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
    expect(records).toMatchObject([
      {
        event: 'stream',
        change: 'created',
        stream: created.value,
        endpoint: 'https://r.example/in',
      },
      { event: 'stream', change: 'removed', stream: created.value, actor: 'operator' },
    ]);
    expect(JSON.stringify(records)).not.toContain('of-the-endpoint');
  });

  test('is one of at most sixteen', async () => {
    for (let n = 0; n < 16; n++) await polled(`s${n}`);
    await expect(polled('s16')).rejects.toThrow('streams_count');
  });

  test('is verified once if its receiver asks too often', async () => {
    const stream = await polled('a');
    const ask = () => signalStreams(env).verify(stream, { by: 'receiver', state: 'x' });
    expect(await ask()).toMatchObject({ ok: true });
    expect(await ask()).toMatchObject({ error: { code: 'too_early' } });
    expect(await ids(stream, 'a')).toHaveLength(1);
  });
});

test('a workflow whose time has run out publishes that once, by itself', async () => {
  const stream = await polled('a');
  const workflow = workflowOf(env, 'wf_a');
  await workflow.begin({
    id: 'wf_a',
    agent: 'agent',
    subject: 'https://idp.example#alice',
    owner: 'team:a',
    task: 't',
    gen: 1,
    audience: 'https://gateway.example',
    grants: [],
    blocks: ['b'],
    startedAt: now() - 20,
    expires: now() - 10,
    ends: now() - 5,
  });
  await expect.poll(async () => (await ids(stream, 'a')).length).toBe(1);
  await runInDurableObject(workflow, (instance) => (instance as unknown as Workflow).alarm());
  const [set = '', ...others] = Object.values((await poll(stream, 'a'))?.sets ?? {});
  expect(others).toEqual([]);
  const { events, txn } = decodeJwt(set);
  expect(txn).toBe('wf_a');
  expect(Object.values(events as object)).toMatchObject([{ initiating_entity: 'system' }]);
});

describe('a change that cannot be published', () => {
  const unreachable = {
    ...env,
    SIGNAL_STREAMS: {
      getByName() {
        throw new Error('unreachable');
      },
    } as unknown as IssuerEnv['SIGNAL_STREAMS'],
  };

  const outboxOf = (storage: DurableObjectStorage, of: IssuerEnv): SignalOutbox => {
    const tables = new OnDemandStorage(storage, workflowSchema);
    return new SignalOutbox(new SmallTable('untold', tables, new TreeRow(tables)), of);
  };

  test('stays, and is published later', async () => {
    const stream = await polled('a');
    await runInDurableObject(env.WORKFLOW.getByName('wf_a'), async (_workflow, { storage }) => {
      const failing = outboxOf(storage, unreachable);
      failing.add(change('wf_a', 'revoked', 1));
      failing.add(change('wf_a', 'revoked', 1));
      await failing.deliver();
      expect(failing.dueAt(1_000)).toBe(11_000);
      const working = outboxOf(storage, env);
      await working.deliver();
      expect(working.dueAt(1_000)).toBeUndefined();
    });
    expect(await ids(stream, 'a')).toHaveLength(1);
  });

  test('is not stored without a signal key', async () => {
    const { SIGNAL_KEY: _, ...without } = env;
    const silent = { ...without, SIGNAL_KEY: undefined };
    await runInDurableObject(env.WORKFLOW.getByName('wf_a'), (_workflow, { storage }) => {
      const untold = outboxOf(storage, silent);
      untold.add(change('wf_a'));
      expect(untold.dueAt(0)).toBeUndefined();
    });
  });
});

test('the signal key differs from the other keys', () => {
  const [mint] = JSON.parse(env.MINT_KEYS) as { key: string }[];
  for (const SIGNAL_KEY of [env.FEED_KEY, mint?.key, 'x', '']) {
    expect(() => readConfig({ ...env, SIGNAL_KEY })).toThrow(/^SIGNAL_KEY /);
  }
  expect(() => readConfig({ ...env, SIGNAL_LOOPBACK: 'yes' })).toThrow(/^SIGNAL_LOOPBACK /);
});
