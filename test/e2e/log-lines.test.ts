import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { call, obtain, read, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { CALM, type Forecast } from './weather/forecast.ts';

/** What the log of a gateway contains. */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ between: 'weather' });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const forecast = (weather: Partial<Forecast>) =>
  stage.harness.getWorker('weather').fetch('http://weather.test/', {
    method: 'POST',
    body: JSON.stringify({ ...CALM, ...weather }),
  });

const linesOf = (at: Stage, event: string): readonly string[] =>
  at.harness
    .getLogs()
    .map(({ message }) => message)
    .filter((message) => message.includes(`event: '${event}'`));

test('the line of a decision has the identities, the tier, who decided and how fast', async () => {
  const { token, workflow } = await obtain(stage);
  stage.harness.clearLogs();
  await send(stage, token, read(stage.documents.reports[0] ?? ''));
  await send(stage, token, read('private/salaries.csv'));
  await expect.poll(() => linesOf(stage, 'decision')).toHaveLength(2);
  const lines = linesOf(stage, 'decision');
  for (const line of lines) {
    expect(line).toContain(`workflow: '${workflow}'`);
    expect(line).toContain(`agent: '${stage.identity.issuer}#report-agent'`);
    expect(line).toMatch(/tier: 1/);
    expect(line).toMatch(/verifier: '[\w-]{16}-[0-3]'/);
    expect(line).toMatch(/milliseconds: \d+/);
    expect(line).not.toContain(token);
  }
  expect(lines[1]).toMatch(/code: 'no_grant'/);
});

test('failed records and budgets are log lines, one per second and kind', async () => {
  const { token } = await obtain(stage);
  await send(stage, token, read(stage.documents.reports[0] ?? ''));
  stage.harness.clearLogs();
  await forecast({ records: 'lost' });
  const begun = Date.now();
  for (let n = 0; n < 20; n++) await send(stage, token, read(stage.documents.reports[0] ?? ''));
  await expect.poll(() => linesOf(stage, 'outbox.failed').length).toBeGreaterThan(0);
  const failed = linesOf(stage, 'outbox.failed');
  const seconds = Math.ceil((Date.now() - begun) / 1000);
  expect(failed.length).toBeLessThanOrEqual(seconds + 1);
  expect(failed[0]).toMatch(/waiting: \d+/);
  await forecast({});
  await forecast({ orders: 'lost' });
  const write = call('write_file', { path: 'summaries/churn.md', content: 'x' });
  expect(await send(stage, token, write)).toMatchObject({ code: 'ledger_unavailable' });
  await expect.poll(() => linesOf(stage, 'ledger.failed')).not.toEqual([]);
  expect(linesOf(stage, 'ledger.failed')[0]).toContain("code: 'charge'");
  await forecast({});
});

test('an invalid configuration returns a code, and the log has the reason', async () => {
  const broken = await openStage({ gatewayVars: { FEED_PUBLIC_KEY: 'secret-of-someone' } });
  try {
    const answer = await broken.fetch(`${broken.audience}/mcp/files`, { method: 'POST' });
    expect(answer.status).toBe(503);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error: 'misconfigured' });
    expect(text).not.toContain('FEED_PUBLIC_KEY');
    const [line] = linesOf(broken, 'misconfigured');
    expect(line).toContain("variable: 'FEED_PUBLIC_KEY'");
    expect(line).toContain('FEED_PUBLIC_KEY is missing or malformed');
    expect(line).not.toContain('secret-of-someone');
  } finally {
    await broken.close();
  }
});
