import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { type DecisionRecord, decisionLogOf } from '../../../../src/audit/index.ts';
import { receiveRecords } from '../../../../workers/issuer/audit/receive-records.ts';
import { activity } from '../../../../workers/issuer/platform/env.ts';
import { AGENT, admin, askForToken, env, LIST, OWNER, READ } from '../token.scene.ts';

/** The index of workflows: lists, search, changes and the series, with the records of the logs. */
afterEach(() => reset());

let sent = 0;

/** Returns the record of the next call. */
function decisionOf(
  workflow: string,
  code?: string,
  dataset = `files/reports/q${sent + 1}.md`,
): DecisionRecord {
  sent += 1;
  return {
    event: 'decision',
    id: `gw.${sent}`,
    verifier: 'gw',
    n: sent,
    at: Date.now(),
    workflow,
    agent: AGENT,
    subject: AGENT,
    owner: OWNER,
    task: 'test',
    blocks: ['00', String(sent)],
    tool: READ,
    action: 'read',
    datasets: [dataset],
    allowed: code === undefined,
    ...(code !== undefined && { code, detail: {} }),
  };
}

/** Writes decision records as the gateway does. */
async function decide(workflow: string, ...codes: readonly (string | undefined)[]): Promise<void> {
  await receiveRecords(
    env,
    codes.map((code) => decisionOf(workflow, code)),
  );
}

interface Row {
  readonly id: string;
  readonly [member: string]: unknown;
}

const list = async (query = '') => {
  const { body } = await admin(`workflows?${query}`);
  return body as unknown as {
    readonly workflows: readonly Row[];
    readonly counts: object;
    readonly next?: string;
  };
};
const idsOf = async (query: string) => (await list(query)).workflows.map(({ id }) => id);

describe('the list of workflows', () => {
  test('has calls, denials and their times as soon as they are recorded', async () => {
    const { workflow } = await askForToken();
    await decide(workflow, undefined, 'no_grant', undefined);
    const { workflows, counts } = await list();
    expect(workflows).toMatchObject([
      { id: workflow, state: 'active', agent: AGENT, owner: OWNER, calls: 3, denials: 1, mints: 1 },
    ]);
    const recent = workflows[0]?.recent as [number, number][];
    expect(recent).toHaveLength(12);
    expect(recent.reduce((sum, [calls]) => sum + calls, 0)).toBe(3);
    expect(counts).toEqual({ running: 1, stopped: 0, waiting: 0, denied: 1 });
  });

  test('counts a record once, however often it arrives', async () => {
    const { workflow } = await askForToken();
    await decide(workflow, undefined);
    sent -= 1;
    await decide(workflow, undefined);
    await list();
    expect((await list()).workflows).toMatchObject([{ calls: 1 }]);
  });

  test('is searched by words, tool, dataset, code and what it shows', async () => {
    const denied = (await askForToken([READ])).workflow;
    const quiet = (await askForToken([LIST])).workflow;
    await decide(denied, 'no_grant');
    expect(await idsOf('code=no_grant')).toEqual([denied]);
    expect(await idsOf('code=expired')).toEqual([]);
    expect(await idsOf(`tool=${encodeURIComponent(LIST)}`)).toEqual([quiet]);
    expect((await idsOf('dataset=files')).sort()).toEqual([denied, quiet].sort());
    expect(await idsOf(`dataset=files/reports/q${sent}.md`)).toContain(denied);
    expect(await idsOf('dataset=file')).toEqual([]);
    expect(await idsOf(`q=${encodeURIComponent(`LIST_dir ${quiet.slice(0, 9)}`)}`)).toEqual([
      quiet,
    ]);
    expect(await idsOf(`q=${encodeURIComponent(`no_grant ${LIST}`)}`)).toEqual([]);
    expect(await idsOf('q=LIST_directory+files')).toEqual([quiet]);
    expect(await idsOf('q=%25')).toEqual([]);
    expect(await idsOf('show=denied')).toEqual([denied]);
    await admin(`workflows/${quiet}/suspend`, { reason: 'test' });
    expect(await idsOf('show=stopped')).toEqual([quiet]);
    expect(await idsOf('show=running')).toEqual([denied]);
    expect((await list(`agent=${encodeURIComponent(AGENT)}`)).workflows).toHaveLength(2);
    expect((await list('show=stopped')).workflows).toMatchObject([{ by: 'operator' }]);
  });

  test('has pages, the newest workflows first', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await askForToken()).workflow);
    const page = await activity(env).list({}, undefined, 2);
    expect(page.isEnd).toBe(false);
    const [, second] = page.workflows;
    const rest = await activity(env).list(
      {},
      { began: second?.began ?? 0, root: second?.id ?? '' },
    );
    expect(rest.isEnd).toBe(true);
    const all = [...page.workflows, ...rest.workflows].map(({ id }) => id);
    expect([...all].sort()).toEqual(ids.sort());
  });
});

test('a workflow shows how often each of its grants was used, and when last', async () => {
  const { workflow } = await askForToken([READ, LIST]);
  await decide(workflow, undefined, 'no_grant', undefined);
  const { body } = await admin(`workflows/${workflow}`);
  const { grants, as_of } = body as unknown as {
    readonly grants: readonly Row[];
    readonly as_of: { readonly seq: number };
  };
  expect(as_of.seq).toBeGreaterThan(0);
  expect(grants.find(({ tool }) => tool === READ)).toMatchObject({
    used: 2,
    last_use: expect.closeTo(Date.now(), -5),
  });
  const unused = grants.find(({ tool }) => tool === LIST);
  expect(unused).toMatchObject({ used: 0 });
  expect(unused).not.toHaveProperty('last_use');
});

describe('what the index costs', () => {
  const decideOnOne = (workflow: string, count: number) =>
    receiveRecords(
      env,
      Array.from({ length: count }, () => decisionOf(workflow, undefined, 'files/reports/q.md')),
    );
  /** Returns the rows that a change of the index writes. */
  const rowsOf = (change: () => Promise<unknown>) =>
    runInDurableObject(activity(env), async (_, { storage: { sql } }) => {
      const exec = sql.exec.bind(sql);
      const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
      Object.defineProperty(sql, 'exec', {
        configurable: true,
        value: (text: string, ...values: readonly unknown[]) => {
          const cursor = exec(text, ...values);
          cursors.push(cursor);
          return cursor;
        },
      });
      await change();
      Object.defineProperty(sql, 'exec', { configurable: true, value: exec });
      return cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
    });

  test('is rows of workflows and datasets, not of calls', async () => {
    const { workflow } = await askForToken();
    await decideOnOne(workflow, 1);
    await activity(env).follow();
    await decideOnOne(workflow, 20);
    const few = await rowsOf(() => activity(env).follow());
    await decideOnOne(workflow, 80);
    const many = await rowsOf(() => activity(env).follow());
    expect(few).toBeGreaterThan(0);
    // A minute may begin in between.
    expect(many).toBeLessThan(20);
  });

  test('is nothing for an offer of few records, within an hour', async () => {
    const { workflow } = await askForToken();
    await activity(env).follow();
    const { seq } = await activity(env).asOf();
    await decideOnOne(workflow, 3);
    const log = decisionLogOf(workflow, '');
    const stored = () =>
      runInDurableObject(activity(env), (_, { storage: { sql } }) =>
        Number(sql.exec('SELECT seq FROM index_state').one().seq),
      );
    await activity(env).offer(log, 2_000);
    expect(await stored()).toBe(seq);
    await activity(env).offer(log, 3_000);
    expect(await stored()).toBe(seq + 1);
  });
});

describe('what changed', () => {
  const changes = async (query: string) => {
    const { body } = await admin(`changes?${query}`);
    return body as unknown as {
      readonly next: string;
      readonly workflows: readonly Row[];
      readonly others: readonly string[];
      readonly topics: readonly string[];
      readonly reload: boolean;
    };
  };

  test('is nothing at first, and then the workflows with new records', async () => {
    const first = (await askForToken()).workflow;
    const second = (await askForToken()).workflow;
    const { next, workflows, reload } = await changes('');
    expect([workflows, reload]).toEqual([[], false]);
    await activity(env).follow();
    const { epoch, seq } = await activity(env).asOf();
    expect(await activity(env).changes({ epoch, seq }, {})).toBeNull();
    await decide(second, 'no_grant');
    await activity(env).follow();
    const since = await changes(`after=${next}&q=${second}`);
    expect(since.workflows).toMatchObject([{ id: second, denials: 1 }]);
    expect(since).toMatchObject({ others: [], topics: ['workflows'], reload: false });
    const others = await changes(`after=${next}&q=${first}`);
    expect(others).toMatchObject({ workflows: [], others: [second] });
    const rebuilt = await admin('activity/rebuild', {});
    expect(rebuilt.status).toBe(200);
    expect(await changes(`after=${since.next}`)).toMatchObject({ reload: true });
    expect((await list()).workflows).toHaveLength(2);
  });

  test('is in the series by minute', async () => {
    const { workflow } = await askForToken();
    await decide(workflow, 'no_grant', undefined);
    const { body } = await admin('series?step=3600');
    const points = body.points as number[][];
    expect(points).toHaveLength(60);
    const sum = (place: number) => points.reduce((all, point) => all + (point[place] ?? 0), 0);
    expect([sum(1), sum(2), sum(3)]).toEqual([2, 1, 1]);
  });
});

describe('one workflow', () => {
  test('has its records with the effect of each call, and its delegation tree', async () => {
    const { workflow } = await askForToken();
    await decide(workflow, undefined, 'no_grant');
    const decision = `gw.${sent - 1}`;
    sent += 1;
    await receiveRecords(env, [
      {
        event: 'outcome',
        id: `gw.${sent}`,
        verifier: 'gw',
        n: sent,
        at: Date.now(),
        workflow,
        decision,
        outcome: { status: 200, result: 'ok', milliseconds: 5, bytes: 10 },
      },
    ]);
    const { body } = await admin(`workflows/${workflow}/records`);
    const records = body.records as { record: { id: string; event: string }; effect?: object }[];
    expect(records.map(({ record }) => record.event)).toEqual(['mint', 'decision', 'decision']);
    expect(records.find(({ record }) => record.id === decision)?.effect).toMatchObject({
      result: 'ok',
    });
    expect(body.effects).toEqual([]);
    expect(body.end).toBe(true);
    const later = await admin(`workflows/${workflow}/records?cursor=${String(body.next)}`);
    expect(later.body.records).toEqual([]);
    const tree = await admin(`workflows/${workflow}/tokens`);
    expect(tree.body.tokens).toMatchObject([
      { kind: 'capability', workflow, count: 1, calls: 0, scope: [{ tool: READ }, { tool: LIST }] },
      { kind: 'narrowed', up: 't1', count: 2, calls: 2, denied: 1 },
    ]);
    expect((await admin('workflows/wf_AAAAAAAAAAAAAAAAAAAAAA/records')).status).toBe(404);
    expect((await admin('workflows/wf_AAAAAAAAAAAAAAAAAAAAAA/tokens')).status).toBe(404);
  });
});

describe('the reason of a denial', () => {
  test('is explained by the version that decided, with the rule and a change', async () => {
    const { workflow } = await askForToken([READ]);
    await decide(workflow, undefined, 'no_grant');
    const { body } = await admin(`decisions/gw.${sent}/why`);
    expect(body).toMatchObject({
      workflow,
      tool: READ,
      allowed: false,
      code: 'no_grant',
      summary: `No grant covers read with ${READ} on files/reports/q${sent}.md.`,
      rule: { file: expect.stringContaining('reports.datalog'), line: expect.any(Number) },
      allowed_instead: expect.stringContaining('files/reports'),
    });
    expect((body.checks as unknown[]).length).toBeGreaterThan(3);
    const allowed = await admin(`decisions/gw.${sent - 1}/why`);
    expect(allowed.body).toMatchObject({ allowed: true, workflow });
    expect(allowed.body.code).toBeUndefined();
    expect((await admin('decisions/gw.0/why')).status).toBe(404);
  });
});

describe('stopping what a list matches', () => {
  test('lists first, then stops all of it, and skips what cannot be stopped', async () => {
    const [first, second] = [(await askForToken()).workflow, (await askForToken()).workflow];
    const selector = { agent: AGENT };
    const dry = await admin('workflows/suspend', { reason: 'test', selector, dry_run: true });
    expect(dry.body).toMatchObject({ done: [], skipped: [] });
    expect(dry.body.matched).toHaveLength(2);
    expect(await idsOf('show=running')).toHaveLength(2);
    await admin(`workflows/${first}/revoke`, { reason: 'test' });
    const { body } = await admin('workflows/suspend', { reason: 'test', selector });
    expect(body.done).toMatchObject([{ id: second, state: 'suspended' }]);
    expect(body.skipped).toMatchObject([{ id: first, code: 'move_refused' }]);
    const resumed = await admin('workflows/resume', { reason: 'test', selector });
    expect(resumed.body.done).toMatchObject([{ id: second, state: 'active' }]);
    const revoked = await admin('workflows/revoke', { reason: 'test', selector });
    expect(revoked.body.done).toMatchObject([{ id: second, state: 'revoked' }]);
    expect(await idsOf('state=revoked')).toHaveLength(2);
  });

  test('needs a filter', async () => {
    const { status } = await admin('workflows/revoke', { reason: 'test', selector: {} });
    expect(status).toBe(400);
    expect((await admin('workflows/revoke', { reason: 'test' })).status).toBe(400);
  });
});

describe('the index and the logs', () => {
  test('agree, and a row that was changed is found', async () => {
    const { workflow } = await askForToken();
    await decide(workflow, undefined, 'no_grant');
    const first = await admin('activity/compare');
    expect(first.body).toMatchObject({ checked: 1, differing: [], next: 'living:' });
    const last = await admin('activity/compare?after=living:');
    expect(last.body).toMatchObject({ checked: 1, differing: [] });
    expect(last.body.next).toBeUndefined();
    await runInDurableObject(activity(env), (_, { storage: { sql } }) => {
      sql.exec('UPDATE activity SET calls = 5');
    });
    const { body } = await admin('activity/compare');
    expect(body.differing).toEqual([{ id: workflow, what: 'calls', index: 5, logs: 2 }]);
    await admin('activity/rebuild', {});
    expect((await admin('activity/compare')).body.differing).toEqual([]);
    await runInDurableObject(activity(env), (_, { storage: { sql } }) => {
      sql.exec('DELETE FROM activity');
    });
    expect((await admin('activity/compare?after=living:')).body.differing).toEqual([
      { id: workflow, what: 'missing' },
    ]);
  });
});
