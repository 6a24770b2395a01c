import { listDurableObjectIds, reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { REMOTE_BYTES_MAX, TRAFFIC_BYTES_MAX } from '../../../../workers/issuer/audit/capacity.ts';
import { appendRecords } from '../../../../workers/issuer/log/append.ts';
import { AWAITED_PER_CREDENTIAL_MAX } from '../../../../workers/issuer/log/verifier-numbers.ts';
import { transparencyLog } from '../../../../workers/issuer/platform/env.ts';
import { env } from '../life.scene.ts';
import { inLogs, rowsOfLogs, runLogAlarms } from '../logs.scene.ts';
import { readMerged } from '../merged.ts';
import {
  API,
  beginFor,
  callsLeft,
  decision,
  denied,
  fill,
  issuerWith,
  nameOf,
  OTHER,
  send,
  sendRecords,
  stateOf,
  written,
  writtenIds,
} from './remote.scene.ts';

/** Decision records that arrive over HTTP with a verifier's own credential. */

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const codes = ({ body }: { readonly body: unknown }) =>
  (body as { refused: { code: string }[] }).refused.map(({ code }) => code);

describe('records over HTTP', () => {
  test('are written and counted', async () => {
    const workflow = await beginFor(API, { calls: 5 });
    const answer = await sendRecords([decision(workflow, 1), decision(workflow, 2)]);
    expect(answer).toMatchObject({ status: 200, body: { written: 2, refused: [] } });
    expect(await writtenIds()).toEqual([`${nameOf('api')}.1`, `${nameOf('api')}.2`]);
    expect(await callsLeft(workflow)).toBe(3);
  });

  test('of routes that observe are written with their samples, and count as no denial', async () => {
    const workflow = await beginFor(API);
    const observed = { allowed: false, observed: true, mode: 'observe', code: 'no_grant' };
    const sample = { arguments: { path: 'a' }, cut: ['/body'] };
    const batch = [1, 2, 3].map((n) => ({ ...decision(workflow, n), ...observed, sample }));
    const answer = await sendRecords(batch);
    expect(answer.body).toMatchObject({ written: 3, refused: [] });
    const found = await readMerged(env, { after: 0, mode: 'observe' });
    expect(found.map(({ record }) => record)).toMatchObject(batch.map(() => ({ sample })));
    expect(await stateOf(workflow)).toBe('active');
  });

  test('let the deviation rules stop a workflow', async () => {
    const workflow = await beginFor(API);
    await sendRecords([1, 2, 3].map((n) => denied(workflow, n)));
    expect(await stateOf(workflow)).toBe('suspended');
  });

  test('that arrive again are written and counted once', async () => {
    const workflow = await beginFor(API, { calls: 5 });
    const batch = [decision(workflow, 1), decision(workflow, 2)];
    await sendRecords(batch, 'api', undefined, 'log');
    expect(await callsLeft(workflow)).toBe(5);
    for (let again = 0; again < 3; again++) {
      expect((await sendRecords(batch)).body).toMatchObject({ written: 2, refused: [] });
    }
    expect(await writtenIds()).toHaveLength(2);
    expect(await callsLeft(workflow)).toBe(3);
  });

  test('that arrive in another order are all written, and the log shows it', async () => {
    const workflow = await beginFor(API);
    await sendRecords([decision(workflow, 3)]);
    await sendRecords([decision(workflow, 1), decision(workflow, 2)]);
    const found = (await written()).map((one) =>
      one.event === 'gap' ? ['gap', one.after, one.before] : ['n' in one && one.n],
    );
    expect(found).toEqual([['gap', 0, 3], [3], [1], [2]]);
  });

  test('of a route that only observes are written, and no rule or budget counts them', async () => {
    const workflow = await beginFor(API, { denials: 1 });
    const observed = { observed: true as const };
    await sendRecords([1, 2, 3].map((n) => denied(workflow, n, observed)));
    expect(await written()).toMatchObject([1, 2, 3].map((n) => ({ n, ...observed })));
    expect([await stateOf(workflow), await callsLeft(workflow)]).toEqual(['active', 1]);
  });

  test('that were lost with their process leave a gap', async () => {
    const workflow = await beginFor(API);
    await sendRecords([decision(workflow, 1), decision(workflow, 2)]);
    const records = [{ origin: 'default', n: 9 }];
    await send('/feed/v2/0/confirm', { verifier: 'a', epoch: 1, seq: 0, records });
    await inLogs(env, 'UPDATE awaited SET due = 1');
    expect(await runLogAlarms(env)).toBe(true);
    expect((await written()).at(-1)).toMatchObject({
      event: 'gap',
      verifier: nameOf('api'),
      after: 2,
      before: 10,
    });
  });

  test('of two verifiers with one credential are numbered separately', async () => {
    const workflow = await beginFor(API, { calls: 9 });
    const second = { verifier: 'b' };
    await sendRecords([decision(workflow, 1), decision(workflow, 2)]);
    await sendRecords([decision(workflow, 1, second)]);
    expect((await written()).map(({ event }) => event)).toEqual(Array(3).fill('decision'));
    expect(await callsLeft(workflow)).toBe(6);
  });
});

describe('the holder of a credential', () => {
  test('without a valid one writes nothing', async () => {
    const workflow = await beginFor(API);
    for (const credential of ['', 'guess', 'operator']) {
      expect((await sendRecords([decision(workflow, 1)], credential)).status).toBe(401);
    }
    expect(await written()).toEqual([]);
  });

  test('writes in the name of its credential, whatever its verifiers are called', async () => {
    const [mine, theirs] = [await beginFor(API), await beginFor(OTHER)];
    const gateway = decision(mine, 1, { verifier: 'nWk3Zq0yB7uXv2aL' });
    await appendRecords(env, [gateway]);
    expect((await sendRecords([gateway])).status).toBe(200);
    const same = decision(theirs, 1, { verifier: 'nWk3Zq0yB7uXv2aL' });
    await sendRecords([same], 'other');
    const names = [nameOf('api', gateway.verifier), nameOf('other', gateway.verifier)];
    expect(await writtenIds()).toEqual([gateway.id, ...names.map((name) => `${name}.1`)]);
  });

  test.each([
    ['another credential', nameOf('other')],
    ['more characters than a log keeps', 'a'.repeat(41)],
    ['no characters', ''],
    ['a dot, which could be read as a number', 'a.1'],
  ])('cannot have a verifier whose name has %s', async (_, verifier) => {
    const workflow = await beginFor(API);
    const answer = await sendRecords([decision(workflow, 1, { verifier })]);
    expect(codes(answer)).toEqual(['name_invalid']);
    expect(await written()).toEqual([]);
  });

  test('cannot take the id of a record that another verifier has yet to send', async () => {
    const workflow = await beginFor(API);
    const forged = decision(workflow, 1, { id: 'b.7' });
    const outcome = { status: 200, result: 'ok', milliseconds: 1, bytes: 1 };
    const { event: _, blocks: __, allowed: ___, tool: ____, tier: _____, ...stamp } = forged;
    const late = { ...stamp, event: 'outcome', id: 'a.2', n: 2, outcome };
    const answer = await sendRecords([
      forged,
      { ...late, decision: 'b.7' },
      decision(workflow, 3, { dispatch: 'b.7' }),
      { ...late, id: 'a.4', n: 4, decision: 'a.3' },
    ]);
    expect(codes(answer)).toEqual(Array(3).fill('name_invalid'));
    expect(await written()).toContainEqual(
      expect.objectContaining({ id: `${nameOf('api')}.4`, decision: `${nameOf('api')}.3` }),
    );
  });

  test('cannot count or stop a workflow of another audience', async () => {
    const workflow = await beginFor(OTHER, { calls: 5, denials: 5 });
    const batch = [1, 2, 3].map((n) => denied(workflow, n));
    const answer = await sendRecords([...batch, decision(workflow, 4)]);
    expect(answer.body).toEqual({
      written: 0,
      refused: [1, 2, 3, 4].map((n, index) => ({
        index,
        id: `a.${n}`,
        code: 'workflow_foreign',
      })),
    });
    expect([await stateOf(workflow), await callsLeft(workflow)]).toEqual(['active', 5]);
    expect(await written()).toEqual([]);
  });

  test.each([
    ['a workflow that never began', { workflow: 'wf_AAAAAAAAAAAAAAAAAAAAAA' }],
    ['an invalid id', { workflow: 'wf_1' }],
    ['another agent', { agent: 'someone else' }],
    ['another person', { subject: 'someone else' }],
    ['an agent without a workflow', { workflow: undefined }],
  ])('cannot write about %s', async (_, change) => {
    const workflow = await beginFor(API);
    const answer = await sendRecords([decision(workflow, 1, change as object)]);
    expect(codes(answer)).toEqual(['workflow_foreign']);
  });

  test('records refusals of strangers, which are counted and not written', async () => {
    const workflow = await beginFor(API);
    const noParties = Object.fromEntries(
      ['workflow', 'agent', 'subject', 'owner', 'task'].map((name) => [name, undefined]),
    );
    const answer = await sendRecords([
      denied(workflow, 1, { ...noParties, code: 'token_malformed' } as object),
      decision(workflow, 2),
    ]);
    expect(answer.body).toMatchObject({ written: 2, refused: [] });
    expect(await writtenIds()).toEqual([`${nameOf('api')}.2`]);
  });

  test('cannot end the evidence of the rules with a time in the future', async () => {
    const workflow = await beginFor(API);
    const answer = await sendRecords([denied(workflow, 1, { at: Date.now() + 600_000 })]);
    expect(codes(answer)).toEqual(['time_invalid']);
  });

  test('cannot keep a batch from being written by nesting a record too deeply', async () => {
    const workflow = await beginFor(API);
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const record = JSON.stringify(decision(workflow, 1));
    const body = `{"origin":"default","records":[${deep},${record}]}`;
    const answer = await send('/verifier/v1/records', body);
    expect(answer).toMatchObject({ status: 200, body: { written: 1 } });
    expect(codes(answer)).toEqual(['malformed']);
  });

  test('cannot write a mint, a revocation or anything else of the issuer', async () => {
    const revocation = { event: 'revocation', id: 'r.1', at: 1, kind: 'workflow', actor: 'x' };
    const answer = await sendRecords([revocation, 'text', null, {}]);
    expect(answer.body).toEqual({
      written: 0,
      refused: [{ index: 0, id: 'r.1', code: 'malformed' }].concat(
        [1, 2, 3].map((index) => ({ index, code: 'malformed' }) as never),
      ),
    });
  });

  test('announces records of its own verifiers only', async () => {
    const count = { epoch: 1, seq: 0, records: [{ origin: 'default', n: 9 }] };
    await send('/feed/v2/0/confirm', { verifier: 'nWk3Zq0yB7uXv2aL', ...count });
    const awaited = await rowsOfLogs(env, 'SELECT verifier FROM awaited');
    expect(awaited).toEqual([{ verifier: nameOf('api', 'nWk3Zq0yB7uXv2aL') }]);
  });
});

/** All announce to one log: the bound counts in each. */
const expectOf = (verifier: string) => transparencyLog(env, 'control').expect(verifier, 5);

describe('a credential that leaked', () => {
  test('creates few objects of workflows that never began', async () => {
    const of = issuerWith({ reportPerVerifier: 1_000 });
    const id = (n: number) => `wf_${String(n).padStart(22, 'x')}`;
    const ask = (from: number) =>
      sendRecords(
        Array.from({ length: 50 }, (_, step) => decision(id(from + step), from + step + 1)),
        'api',
        of,
      );
    const before = (await listDurableObjectIds(env.WORKFLOW)).length;
    for (let from = 0; from < 500; from += 50) {
      expect(codes(await ask(from))).toEqual(Array(50).fill('workflow_foreign'));
    }
    const created = (await listDurableObjectIds(env.WORKFLOW)).length - before;
    expect(created).toBeLessThanOrEqual(150);
    const workflow = await beginFor(OTHER);
    const other = await sendRecords([decision(workflow, 1)], 'other', of);
    expect(other.body).toMatchObject({ written: 1 });
  });

  test('cannot fill the log with announcements of records that never come', async () => {
    const announce = (of: number, from: number) =>
      Promise.all(
        Array.from({ length: of }, (_, step) => expectOf(nameOf('api', `v${from + step}`))),
      );
    await runInDurableObject(transparencyLog(env, 'control'), (_log, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT ?)
         INSERT INTO awaited SELECT ? || n, 5, 5, 9e15 FROM c`,
        ...[AWAITED_PER_CREDENTIAL_MAX - 2, nameOf('api', 'x')],
      );
    });
    await announce(10, 0);
    await expectOf(nameOf('other', 'v'));
    await expectOf('gateway');
    const awaited = await runInDurableObject(transparencyLog(env, 'control'), (_log, { storage }) =>
      storage.sql.exec('SELECT COUNT(*) AS n FROM awaited').one(),
    );
    expect(awaited).toEqual({ n: AWAITED_PER_CREDENTIAL_MAX + 2 });
  });

  test('announces nothing to a log that has no room for its records', async () => {
    await fill(REMOTE_BYTES_MAX);
    await expectOf(nameOf('api', 'v'));
    await expectOf('gateway');
    const awaited = await rowsOfLogs(env, 'SELECT verifier FROM awaited');
    expect(awaited).toEqual([{ verifier: 'gateway' }]);
  });
});

describe('a batch over HTTP', () => {
  test.each([
    ['not JSON', '{', 400],
    ['not an object', [], 400],
    ['an unknown member', { origin: 'default', records: [{}], more: 1 }, 400],
    ['no records', { origin: 'default', records: [] }, 400],
    ['too many records', { origin: 'default', records: Array(101).fill({}) }, 400],
    ['too many bytes', JSON.stringify({ records: 'x'.repeat(1024 * 1024) }), 413],
    ['another origin', { origin: 'elsewhere', records: [{}] }, 404],
  ])('of %s is refused', async (_, body, status) => {
    expect((await send('/verifier/v1/records', body)).status).toBe(status);
  });

  test('of too many records a minute is refused as a whole, for its credential alone', async () => {
    const [mine, theirs] = [await beginFor(API), await beginFor(OTHER)];
    const of = issuerWith({ recordsPerVerifier: 4 });
    const batch = (from: number) => [0, 1, 2].map((step) => decision(mine, from + step));
    expect((await sendRecords(batch(1), 'api', of)).status).toBe(200);
    const answer = await sendRecords(batch(4), 'api', of);
    expect([answer.status, answer.body]).toMatchObject([429, { error: 'too_many_reports' }]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await writtenIds()).toHaveLength(3);
    const other = decision(theirs, 1);
    expect((await sendRecords([other], 'other', of)).status).toBe(200);
  });

  test('is refused for too many requests of one credential', async () => {
    const of = issuerWith({ reportPerVerifier: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await sendRecords(['x'], 'api', of)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await sendRecords(['x'], 'other', of)).status).toBe(200);
  });

  test('of a stranger counts for its source, and a flood of them reaches no verifier', async () => {
    const of = issuerWith({ questionShared: 1 });
    expect((await sendRecords(['x'], 'guess', of)).status).toBe(401);
    expect((await sendRecords(['x'], 'guess', of)).status).toBe(429);
    expect((await sendRecords(['x'], 'api', of)).status).toBe(200);
  });

  test('finds no room before the gateways do, and is counted anyway', async () => {
    const workflow = await beginFor(API);
    await fill(REMOTE_BYTES_MAX);
    const answer = await sendRecords([1, 2, 3].map((n) => denied(workflow, n)));
    expect([answer.status, answer.body]).toMatchObject([503, { error: 'records_unwritten' }]);
    expect(await stateOf(workflow)).toBe('suspended');
    expect(REMOTE_BYTES_MAX).toBeLessThan(TRAFFIC_BYTES_MAX);
    await appendRecords(env, [decision(workflow, 1, { verifier: 'gateway' })]);
    expect(await writtenIds()).toContain('gateway.1');
  });
});
