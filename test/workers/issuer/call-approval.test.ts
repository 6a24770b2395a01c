import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import {
  appendApproval,
  openToken,
  readApprovals,
  trustIssuer,
} from '../../../src/capability/index.ts';
import { fromBase64Url, toHex } from '../../../src/encoding.ts';
import { publicHex, publicJwk } from '../../../src/signing-keys.ts';
import {
  APPROVED_VALUE_SECONDS,
  APPROVED_VALUES_MAX,
  ApprovedValues,
} from '../../../workers/issuer/approval/approved-values.ts';
import { SUGGESTED_AFTER, SUGGESTIONS_MAX } from '../../../workers/issuer/approval/suggestions.ts';
import { approvals, revocationLog } from '../../../workers/issuer/platform/env.ts';
import {
  answerAs,
  approveCalls,
  approvedBy,
  env,
  laterIssuer,
  mailTo,
  obtain,
  SEND,
  stepOf,
  waitForAnswer,
} from './call-approval.scene.ts';
import { readMerged } from './merged.ts';
import { AGENT, admin, OWNER } from './token.scene.ts';

afterEach(() => reset());

const BOB = mailTo('bob@acme.example');

/** Reads what an agent got, in the token that it appends it to. */
async function approvalIn(token: string, block: string | undefined) {
  const appended = await appendApproval(token, block ?? '');
  if (!appended.ok) throw new Error(appended.error.code);
  const [{ id, key }] = JSON.parse(env.MINT_KEYS) as [{ id: number; key: string }];
  const { x } = await publicJwk(key);
  const root = { id, publicKey: toHex(fromBase64Url(x) ?? new Uint8Array()) };
  const opened = await openToken(appended.value, trustIssuer([root]));
  if (!opened.ok) throw new Error(opened.error.code);
  const [approval] = await readApprovals(opened.value.signedBlocks);
  return { approval, opened: opened.value };
}

describe('an agent that asks about one call', () => {
  test('polls until a person has approved, and gets a block that fits its token', async () => {
    const step = await stepOf(await obtain(), BOB);
    const asked = await approveCalls(step, [BOB]);
    expect(asked).toMatchObject({ status: 202, body: { expires_in: 600, interval: 5 } });
    const id = asked.body.approval ?? '';
    expect((await approveCalls(step, [BOB], id)).status).toBe(202);
    expect((await answerAs('olga', id)).status).toBe(200);
    const given = await approveCalls(step, [BOB], id);
    expect(given).toMatchObject({ status: 200, body: { calls: [{ tool: SEND }] } });
    const { approval } = await approvalIn(step.token, given.body.block);
    expect(approval).toMatchObject({
      calls: [{ tool: SEND, by: 'olga', version: expect.stringMatching(/^[0-9a-f]{16}$/) }],
      until: given.body.until,
    });
    expect(toHex(approval?.key.bytes ?? new Uint8Array())).toBe(
      await publicHex(env.APPROVER_KEY ?? ''),
    );
  });

  test('gets one block for each approval', async () => {
    const step = await stepOf(await obtain(), BOB);
    const { id, status } = await approvedBy('olga', step, [BOB]);
    expect(status).toBe(200);
    expect(await approveCalls(step, [BOB], id)).toMatchObject({
      status: 409,
      body: { error: 'approval_void' },
    });
  });

  test('can collect with another step of the same call, and with no other call', async () => {
    const capability = await obtain();
    const asked = await approveCalls(await stepOf(capability, BOB), [BOB]);
    const id = asked.body.approval ?? '';
    await answerAs('olga', id);
    const eve = mailTo('eve@evil.example');
    expect(await approveCalls(await stepOf(capability, eve), [eve], id)).toMatchObject({
      body: { error: 'approval_void' },
    });
    const fresh = await stepOf(capability, BOB);
    const given = await approveCalls(fresh, [BOB], id);
    expect((await approvalIn(fresh.token, given.body.block)).approval).toBeDefined();
  });

  test('is refused if a person refuses, and asks no one again', async () => {
    const step = await stepOf(await obtain(), BOB);
    const id = (await approveCalls(step, [BOB])).body.approval ?? '';
    await answerAs('olga', id, 'refuse');
    for (const poll of [id, undefined]) {
      expect(await approveCalls(step, [BOB], poll)).toMatchObject({
        status: 403,
        body: { error: 'approval_refused' },
      });
    }
  });

  test('has to ask again after the policy changed', async () => {
    const step = await stepOf(await obtain(), BOB);
    const id = (await approveCalls(step, [BOB])).body.approval ?? '';
    await answerAs('olga', id);
    expect(await approveCalls(step, [BOB], id, laterIssuer)).toMatchObject({
      body: { error: 'approval_void' },
    });
  });

  test('cannot collect what another workflow asked for', async () => {
    const step = await stepOf(await obtain(), BOB);
    const id = (await approveCalls(step, [BOB])).body.approval ?? '';
    await answerAs('olga', id);
    const other = await stepOf(await obtain(), BOB);
    expect(await approveCalls(other, [BOB], id)).toMatchObject({ status: 409 });
    const foreign = { token: other.token, workflow: step.workflow };
    expect(await approveCalls(foreign, [BOB], id)).toMatchObject({ status: 401 });
  });

  test('is recorded with the digest of the arguments, and without the arguments', async () => {
    const step = await stepOf(await obtain(), BOB);
    const { body } = await approvedBy('olga', step, [BOB]);
    const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
    const asked = records.find(({ event }) => event === 'approval_asked');
    expect(asked).toMatchObject({
      workflow: step.workflow,
      grants: [{ tool: SEND, action: 'execute', dataset: 'mail/outbox' }],
      calls: (body.calls as object[]).map((call) => ({
        ...call,
        request: expect.stringMatching(/^[0-9a-f]{64}$/),
      })),
    });
    expect(JSON.stringify(records)).not.toContain('bob@acme.example');
  });
});

describe('a request that waits', () => {
  test('gets the block of its token once a person has approved', async () => {
    const step = await stepOf(await obtain(), BOB);
    const id = (await approveCalls(step, [BOB])).body.approval ?? '';
    const waiting = waitForAnswer(step, [BOB], id);
    await answerAs('olga', id);
    const { status, body } = await waiting;
    expect(status).toBe(200);
    expect((await approvalIn(step.token, body.block)).approval).toBeDefined();
  });

  test('learns after its time that no one has answered, and may ask again sooner', async () => {
    const step = await stepOf(await obtain(), BOB);
    const id = (await approveCalls(step, [BOB])).body.approval ?? '';
    const { status, body } = await waitForAnswer(step, [BOB], id, 'wait=1');
    expect({ status, id: body.approval }).toEqual({ status: 202, id });
    expect(body.interval).toBeLessThan(5);
  });

  test('gets nothing if its workflow was revoked while it waited', async () => {
    const step = await stepOf(await obtain(), BOB);
    const id = (await approveCalls(step, [BOB])).body.approval ?? '';
    const waiting = waitForAnswer(step, [BOB], id);
    await admin(`workflows/${step.workflow}/revoke`, { reason: 'test' }, env);
    await answerAs('olga', id);
    expect((await waiting).status).toBe(401);
    expect((await admin(`approvals/${id}`, undefined, env)).body).toMatchObject({
      state: 'approved',
    });
  });
});

describe('no person is asked', () => {
  test.each([
    ['about a call that is allowed as it is', mailTo('ann@acme.example'), 'call_not_approvable'],
    ['about an argument that the catalogue does not list', { ...BOB, bcc: 'x' }, 'invalid_request'],
  ])('%s', async (_, args, error) => {
    expect((await approveCalls(await stepOf(await obtain()), [args])).body).toMatchObject({
      error,
    });
    expect((await admin('approvals', undefined, env)).body.pending).toBe(0);
  });

  test('about a call that the token would not carry', async () => {
    const step = await stepOf(await obtain(), mailTo('carl@acme.example'));
    expect((await approveCalls(step, [BOB])).body).toMatchObject({ error: 'call_not_approvable' });
  });

  test('about more than 32 calls, or none', async () => {
    const step = await stepOf(await obtain());
    const calls = Array.from({ length: 33 }, (_, n) => mailTo(`p${n}@acme.example`));
    expect((await approveCalls(step, calls)).status).toBe(400);
    expect((await approveCalls(step, [])).status).toBe(400);
    expect((await approveCalls(step, calls.slice(1))).status).toBe(202);
  });

  test('about the same call twice, which one approval could not allow', async () => {
    const step = await stepOf(await obtain());
    const { subject, to } = BOB;
    expect(await approveCalls(step, [BOB, { subject, to } as typeof BOB])).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('Call 2: it is the same as call 1') },
    });
  });

  test('about more than they can read', async () => {
    const step = await stepOf(await obtain());
    const long = { ...BOB, subject: 'x'.repeat(17_000) };
    expect((await approveCalls(step, [long])).status).toBe(413);
  });

  test('by an issuer without a key for approvals', async () => {
    const step = await stepOf(await obtain());
    const without = { ...env, APPROVER_KEY: undefined };
    expect(await approveCalls(step, [BOB], undefined, undefined, without)).toMatchObject({
      status: 503,
      body: { error: 'approvals_off' },
    });
  });

  test('by a token that is not of this issuer', async () => {
    const { workflow } = await obtain();
    expect((await approveCalls({ token: 'abc', workflow }, [BOB])).status).toBe(401);
  });
});

describe('the person', () => {
  test('reads each argument on a line, with the destinations and what is new about them', async () => {
    const step = await stepOf(await obtain(), BOB);
    const { body } = await approveCalls(step, [BOB]);
    const shown = (await admin(`approvals/${body.approval}`, undefined, env)).body;
    expect(shown.lines).toEqual(
      expect.arrayContaining([
        { tag: 'new', name: 'Call', value: `execute with ${SEND} on mail/outbox` },
        {
          tag: 'new',
          name: 'Argument /to/0',
          value: '"bob@acme.example"',
          label: 'destination',
        },
        { tag: 'same', name: 'Agent', value: AGENT },
        { tag: 'same', name: 'Owner', value: OWNER },
      ]),
    );
  });

  test('sees that a destination was approved before, whatever else is in the call', async () => {
    await approvedBy('olga', await stepOf(await obtain()), [BOB]);
    const again = { ...BOB, to: ['eve@acme.example', 'bob@acme.example'], subject: 'other' };
    const { body } = await approveCalls(await stepOf(await obtain()), [again]);
    const { lines } = (await admin(`approvals/${body.approval}`, undefined, env)).body as {
      lines: { name: string; tag: string }[];
    };
    const tagOf = (name: string) => lines.find((line) => line.name === name)?.tag;
    expect([tagOf('Argument /to/0'), tagOf('Argument /to/1')]).toEqual(['new', 'same']);
  });

  test('approves twelve calls with one answer, in one block', async () => {
    const step = await stepOf(await obtain());
    const calls = Array.from({ length: 12 }, (_, n) => mailTo(`p${n}@acme.example`));
    const { body } = await approvedBy('olga', step, calls);
    const { approval } = await approvalIn(step.token, body.block);
    expect(approval?.calls).toHaveLength(12);
    expect(new Set(approval?.calls.map(({ id }) => id)).size).toBe(12);
  });

  test('withdraws an approval that the agent has: the feed stops its signature first', async () => {
    const step = await stepOf(await obtain(), BOB);
    const { id, body } = await approvedBy('olga', step, [BOB]);
    const { approval, opened } = await approvalIn(step.token, body.block);
    const { authority, issuerKey } = opened;
    const isStopped = () =>
      revocationLog(env).isStopped({
        ...authority,
        issuerKey,
        blocks: [approval?.signature ?? ''],
      });
    expect(await isStopped()).toBe(false);
    expect((await answerAs('olga', id, 'refuse')).status).toBe(200);
    expect(await isStopped()).toBe(true);
    const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
    expect(records.filter(({ event }) => event === 'approval_decided')).toMatchObject([
      { decision: 'approve' },
      { decision: 'refuse' },
    ]);
  });
});

describe('what one person approved again and again', () => {
  const suggestions = async () =>
    ((await admin('approvals/suggestions', undefined, env)).body.suggestions ?? []) as object[];

  test('is proposed as a line of the policy from the third time on, and never activated', async () => {
    const times = ['paul', ...Array.from({ length: SUGGESTED_AFTER }, () => 'olga')];
    for (const person of times) {
      expect(await suggestions()).toEqual([]);
      await approvedBy(person, await stepOf(await obtain()), [BOB]);
    }
    expect(await suggestions()).toEqual([
      expect.objectContaining({
        agent: AGENT,
        tool: SEND,
        pointer: '/to/*',
        by: 'olga',
        count: SUGGESTED_AFTER,
        value: '"bob@acme.example"',
        line: expect.stringContaining('{"every":{"from":["approved","=bob@acme.example"]}}'),
      }),
    ]);
    const { body } = await approveCalls(await stepOf(await obtain()), [BOB]);
    expect(body.approval).toBeDefined();
  });

  test('is not proposed if a person refused', async () => {
    for (let again = 0; again < 3; again++) {
      const step = await stepOf(await obtain());
      const { body } = await approveCalls(step, [mailTo('eve@evil.example')]);
      await answerAs('olga', body.approval ?? '', 'refuse');
    }
    expect(await suggestions()).toEqual([]);
  });
});

describe('what the issuer remembers of approved destinations', () => {
  const call = (n: number) => ({
    tool: SEND,
    args: mailTo(`p${n}@acme.example`),
    sinks: ['/to/0'],
  });
  const now = 1_800_000_000;
  const withValues = <T>(body: (values: ApprovedValues, sql: SqlStorage) => T): Promise<T> =>
    runInDurableObject(approvals(env), (_, { storage: { sql } }) =>
      body(new ApprovedValues(sql), sql),
    );

  test('is forgotten after thirty days', () =>
    withValues((values) => {
      values.remember('agent', [call(1)], 'olga', now);
      expect(values.known('agent', [call(1)], now + APPROVED_VALUE_SECONDS - 1)).toHaveLength(1);
      expect(values.known('agent', [call(1)], now + APPROVED_VALUE_SECONDS)).toEqual([]);
    }));

  test('is the newest of a bounded number, and proposals are bounded as well', () =>
    withValues((values, sql) => {
      for (let n = 0; n < APPROVED_VALUES_MAX + 3; n++) {
        sql.exec(
          'INSERT INTO approved_value VALUES (?, ?, ?, ?, ?, ?, ?)',
          ...[`v${n}`, 'olga', 'agent', SEND, '/to/*', SUGGESTED_AFTER, now + n],
        );
      }
      values.purge(now);
      const { n } = sql.exec('SELECT COUNT(*) AS n FROM approved_value').one();
      expect(n).toBe(APPROVED_VALUES_MAX);
      expect(values.repeated(SUGGESTED_AFTER, SUGGESTIONS_MAX, now)).toHaveLength(SUGGESTIONS_MAX);
      const { oldest } = sql.exec('SELECT MIN(last) AS oldest FROM approved_value').one();
      expect(oldest).toBe(now + 3);
    }));

  test('does not contain the value, and is about one agent and tool', () =>
    withValues((values, sql) => {
      values.remember('agent', [call(1)], 'olga', now);
      const rows = JSON.stringify(sql.exec('SELECT * FROM approved_value').toArray());
      expect(rows).not.toContain('p1@acme.example');
      expect(values.known('another', [call(1)], now)).toEqual([]);
      expect(values.known('agent', [{ ...call(1), tool: 'mcp/mail/other' }], now)).toEqual([]);
      const second = { ...call(2), args: mailTo('x@y.example', 'p1@acme.example') };
      expect(values.known('agent', [{ ...second, sinks: ['/to/0', '/to/1'] }], now)).toEqual([
        { call: 0, pointer: '/to/1', isApproved: true },
      ]);
    }));
});
