import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { effort } from '../../effort.ts';
import { admin, call, obtain, read, send } from '../agent.ts';
import { openStage, type Stage } from '../stage.ts';
import { missingOf, searchLogs } from '../trail.ts';
import { CALM, type Forecast } from './forecast.ts';
import { wholeLife } from './life.ts';
import { eventually, exposed, type Findings, liveAndStop } from './story.ts';

const soakRuns = Number(process.env.HEWN_SOAK_RUNS ?? 0);
const seed = Number(process.env.HEWN_SOAK_SEED ?? 1);
const workflows = soakRuns || effort(2, 4);

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ between: 'weather' });
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
  await forecast(CALM);
});
afterAll(() => stage.close());

async function forecast(next: Forecast): Promise<void> {
  await stage.harness
    .getWorker('weather')
    .fetch('http://weather.test/', { method: 'POST', body: JSON.stringify(next) });
}

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

test.each<[string, Partial<Forecast>]>([
  ['fine weather', {}],
  ['5 % faults', { percent: 5 }],
  ['20 % faults', { percent: 20 }],
  ['half a second on every way', { milliseconds: 500 }],
])(
  'in %s nothing revoked is allowed, nothing acknowledged is lost, and all gets done',
  async (_, weather) => {
    const coming = { ...CALM, ...weather, seed };
    await forecast(coming);
    const { stopped, living } = await liveAndStop(
      exposed(stage, coming),
      coming.milliseconds > 0 ? Math.ceil(workflows / 2) : workflows,
    );
    await forecast(CALM);
    for (const { token, workflow } of stopped) {
      await eventually('denial as revoked', async () => {
        const { code, status } = await send(stage, token, write());
        expect(status).not.toBe(200);
        return code === 'revoked' ? true : undefined;
      });
      const view = await (await admin(stage, `workflows/${workflow}`)).json();
      expect(view).toMatchObject({ state: 'revoked' });
    }
    expect((await send(stage, living.token, read(stage.documents.reports[0] ?? ''))).status).toBe(
      200,
    );
    const records = await searchLogs(stage);
    expect(missingOf(records)).toEqual([]);
    for (const { workflow } of stopped) {
      const ends = records.filter(
        ({ record }) => record.event === 'revocation' && record.workflow === workflow,
      );
      expect(ends).toHaveLength(1);
    }
  },
  60_000 + workflows * 60_000,
);

test.each<[string, Partial<Forecast>]>([
  ['5 % faults', { percent: 5 }],
  ['20 % faults', { percent: 20 }],
  ['half a second on every way', { milliseconds: 500 }],
])(
  'in %s a workflow is narrowed, continued, suspended and resumed, and what was stopped stays so',
  async (_, weather) => {
    const coming = { ...CALM, ...weather, seed: seed + 7 };
    await forecast(coming);
    const findings: Findings = { wronglyAllowed: [] };
    const living = await wholeLife(exposed(stage, coming), findings);
    await forecast(CALM);
    const view = await (await admin(stage, `workflows/${living.workflow}`)).json();
    expect(view).toMatchObject({ state: 'active', gen: 2 });
    expect((await send(stage, living.token, write())).status).toBe(200);
    const records = await searchLogs(stage);
    expect(missingOf(records)).toEqual([]);
    const moves = records.flatMap(({ record }) =>
      record.event === 'transition' && record.workflow === living.workflow ? [record.move] : [],
    );
    expect(moves).toEqual(['suspend', 'resume']);
    expect(findings.wronglyAllowed).toEqual([]);
  },
  120_000,
);

test('cut off from its log, a gateway allows nothing that cannot be taken back', async () => {
  const { token, workflow } = await obtain(stage);
  expect((await send(stage, token, read(stage.documents.reports[0] ?? ''))).status).toBe(200);
  await forecast({ ...CALM, isCut: true });
  await admin(stage, `workflows/${workflow}/revoke`, { reason: 'partition' });
  for (let tries = 0; tries < 5; tries++) {
    expect(await send(stage, token, write())).toMatchObject({ code: 'head_stale' });
    await sleep(100);
  }
  await forecast(CALM);
  // The gateway remembers for a while that the log did not answer, and denies.
  await eventually('denial as revoked', async () => {
    const { status, code } = await send(stage, token, write());
    expect(status).not.toBe(200);
    return code === 'revoked' ? true : undefined;
  });
});

test('one watermark that came through the weather stops all that was minted before', async () => {
  const before = [await obtain(stage), await obtain(stage)];
  const coming = { ...CALM, percent: 20, seed: seed + 11 };
  await forecast(coming);
  const outside = exposed(stage, coming);
  await eventually('watermark', async () => {
    const order = { scope: 'all', reason: 'weather' };
    return (await admin(outside, 'watermarks', order)).status === 200 ? true : undefined;
  });
  for (const { token } of before) {
    await eventually('denial', async () => {
      const { status, code } = await send(outside, token, write());
      // An old head from a cache is believed for the seconds of tier 3, as any other entry is late.
      return status !== 200 && code === 'revoked' ? true : undefined;
    });
  }
  await forecast(CALM);
  for (const { token } of before) {
    expect(await send(stage, token, write())).toMatchObject({ code: 'revoked' });
  }
});
