import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../src/audit/index.ts';
import { admin, call, obtain, read, send } from './agent.ts';
import { answering, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';
import { recordsOf, trailOf } from './trail.ts';
import { CALM, type Forecast } from './weather/forecast.ts';

/**
 * The audit log contains what happened, and nothing else, while the way to the issuer is slow or
 * fails.
 */
let stage: Stage;
let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
  const gatewayVars = { MCP_UPSTREAMS: JSON.stringify({ files: server.url }) };
  stage = await openStage({ between: 'weather', gatewayVars });
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
  await forecast({});
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

const forecast = (weather: Partial<Forecast>) =>
  stage.harness.getWorker('weather').fetch('http://weather.test/', {
    method: 'POST',
    body: JSON.stringify({ ...CALM, ...weather }),
  });

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });
const reading = () => read(stage.documents.reports[0] ?? '');

const RECORDED_MILLISECONDS_MAX = 20_000;

/** Returns the trail once it has this many records of that kind, or after a bounded time. */
async function trailWith(
  workflow: string,
  count: number,
  isOne: (record: AuditRecord) => boolean,
): Promise<readonly AuditRecord[]> {
  for (const end = performance.now() + RECORDED_MILLISECONDS_MAX; ; ) {
    const trail = await trailOf(stage, workflow);
    if (trail.filter(isOne).length >= count || performance.now() > end) return trail;
    await sleep(100);
  }
}

async function usedCalls(workflow: string): Promise<number | undefined> {
  const view = await (await admin(stage, `workflows/${workflow}`)).json();
  const { meters } = view as { meters: { key: string; used: number }[] };
  return meters.find(({ key }) => key === 'calls')?.used;
}

describe('a write whose record has to be in the log first', () => {
  test('waits only for its own, among 17 reads per second that are 100 ms from the issuer', async () => {
    server.play(answering());
    const { token, workflow } = await obtain(stage);
    await send(stage, token, reading());
    await forecast({ milliseconds: 100 });
    let isOver = false;
    const reads: Promise<unknown>[] = [];
    const readOn = (async () => {
      for (; !isOver; await sleep(1000 / 17)) reads.push(send(stage, token, reading()));
    })();
    const answers = [];
    const begun = Date.now();
    for (let n = 0; n < 6; n++) answers.push((await send(stage, token, write())).status);
    const seconds = (Date.now() - begun) / 1000;
    isOver = true;
    await readOn;
    await Promise.all(reads);
    expect(answers).toEqual([200, 200, 200, 200, 200, 200]);
    // The log is asked, the budget charged, the record written: three times 100 ms. A machine with
    // other work takes a multiple of it, and a write that waited for the reads would not end.
    expect(seconds).toBeLessThan(6 * 5);
    const made = server.arrived.filter(({ message }) => message.params?.name === 'write_file');
    expect(made).toHaveLength(6);
    await forecast({});
    const records = await trailWith(workflow, 6, isAllowedWrite);
    expect(records.filter(isAllowedWrite)).toHaveLength(6);
    expect(await gaps()).toEqual([]);
  });

  test.each(['lost', 'answers_lost', 'held'] as const)(
    'is not sent if the log does not answer (%s), is not recorded as allowed, and costs nothing',
    async (records) => {
      server.play(answering());
      const { token, workflow } = await obtain(stage);
      expect((await send(stage, token, write())).status).toBe(200);
      expect(await usedCalls(workflow)).toBe(1);
      await forecast({ records });
      expect(await send(stage, token, write())).toMatchObject({
        status: 503,
        code: 'record_unwritten',
      });
      expect(server.arrived).toHaveLength(1);
      await forecast({});
      expect(await usedCalls(workflow)).toBe(1);
      expect((await send(stage, token, write())).status).toBe(200);
      const trail = await trailWith(workflow, 2, isAllowedWrite);
      expect(trail.filter(isAllowedWrite)).toHaveLength(2);
      const [announced] = trail.filter(
        (record) => record.event === 'dispatch' && !trail.some(isOf(record.id)),
      );
      expect(announced).toBeUndefined();
      const denied = trail.filter((record) => record.event === 'decision' && !record.allowed);
      expect(denied).toMatchObject([{ code: 'record_unwritten', tool: 'mcp/files/write_file' }]);
      expect(denied[0]).not.toHaveProperty('charged');
    },
  );
});

async function gaps(): Promise<readonly AuditRecord[]> {
  return (await recordsOf(stage)).filter(({ event }) => event === 'gap');
}

const isAllowedWrite = (record: AuditRecord): boolean =>
  record.event === 'decision' && record.allowed && record.tool === 'mcp/files/write_file';
const isOf = (id: string) => (record: AuditRecord) =>
  record.event === 'decision' && record.dispatch === id;
