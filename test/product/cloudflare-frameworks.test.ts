import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestHarness, type TestHarness } from 'wrangler';
import {
  type FrameworkPackages,
  INSTALL_MILLISECONDS_MAX,
  installFrameworks,
} from './framework-install.ts';
import { type FrameworkStage, openFrameworkStage } from './framework-stage.ts';

/** The examples for Cloudflare, with the real Agents SDK, in workerd, before a real gateway. */

const DONE = ['completing', 'completed'];

let packages: FrameworkPackages;
let stage: FrameworkStage;
let harness: TestHarness;

beforeAll(async () => {
  packages = await installFrameworks('cloudflare');
  stage = await openFrameworkStage();
  const vars = {
    ...(await stage.environment()),
    HOLDER_SECRET: 'a secret of this Worker, for this test only',
  };
  const configPath = join(packages.folder, 'wrangler.toml');
  harness = createTestHarness({ workers: [{ configPath, vars }] });
  await harness.listen();
}, 2 * INSTALL_MILLISECONDS_MAX);
afterAll(async () => {
  await harness?.close();
  await stage?.close();
  await packages?.remove();
});

const worker = () => harness.getWorker<WorkerEnv>('frameworks');
type WorkerEnv = { readonly AGENT: DurableObjectNamespace; readonly REPORTS: Workflow };

test('the examples compile with the types of the frameworks', () => packages.compile());

describe('an agent of the Agents SDK', () => {
  interface Turn {
    readonly answer: string;
    readonly tools: readonly string[];
    readonly turns: readonly string[];
    readonly workflow: string;
  }
  /** Sends a message. The model does the steps of the script from one to another. */
  const turn = async (from: number, to: number): Promise<Turn> => {
    const response = await worker().fetch(`http://agent.test/turn?from=${from}&to=${to}`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return JSON.parse(text) as Turn;
  };

  test('continues its workflow after it was evicted, and no key was stored', async () => {
    const before = await turn(0, 3);
    expect(before.tools.map((tool) => tool.replace(/^tool_.+_(?=(?:read|write)_)/, ''))).toEqual([
      'read_text_file',
      'write_file',
    ]);
    expect(before.turns[1]).toContain('SYSTEM NOTICE FOR AI ASSISTANTS');
    expect(before.turns[2]).toContain('Reason (no_grant)');
    expect(before.turns[3]).toContain('Reason (dataset_unmappable)');
    const agent = { name: 'quarterly', webSockets: 'hibernate' } as const;
    await worker().evictDurableObject('AGENT', agent);
    const after = await turn(3, 5);
    expect(after.turns[1]).toContain('Successfully wrote to summaries/churn.md');
    expect(after.turns[2]).toContain('Successfully wrote to summaries/causes.md'); // A step-up.
    expect(after.workflow).toBe(before.workflow);
    expect(after.tools).not.toEqual(before.tools); // Another connection, of another life.
  });

  test('ends its workflow when its task is done', async () => {
    expect((await worker().fetch('http://agent.test/finish')).status).toBe(204);
    expect(await stage.workflowStates()).toEqual([expect.toBeOneOf(DONE)]);
  });
});

describe('a run of Cloudflare Workflows', () => {
  test('has one workflow of the issuer in all its steps, and ends it', async () => {
    const env = await worker().getEnv();
    const params = { report: 'reports/q1.md', summary: 'summaries/churn.md' };
    const run = await env.REPORTS.create({ id: 'run-1', params });
    const status = async () => (await run.status()).status;
    const wait = { timeout: 20_000, interval: 200 };
    const read = () => stage.seen().some(({ args }) => args.path === params.report);
    await expect.poll(read, wait).toBe(true);
    await run.sendEvent({ type: 'wanted', payload: {} });
    await expect.poll(status, wait).toBe('complete');
    expect(stage.seen().at(-1)).toEqual({
      tool: 'write_file',
      args: { path: params.summary, content: expect.stringMatching(/^The report has \d+ lines/) },
    });
    const states = await stage.workflowStates();
    expect(states).toHaveLength(2);
    expect(states.filter((state) => !DONE.includes(state))).toEqual([]);
  });

  test('fails with a denied call, and its workflow with it', async () => {
    const env = await worker().getEnv();
    const seen = stage.seen().length;
    const params = { report: 'private/salaries.csv', summary: 'summaries/churn.md' };
    const run = await env.REPORTS.create({ id: 'run-2', params });
    const wait = { timeout: 20_000, interval: 200 };
    await expect.poll(async () => (await run.status()).status, wait).toBe('errored');
    expect(stage.seen()).toHaveLength(seen);
    expect((await stage.workflowStates()).filter((state) => state.startsWith('fail'))).toHaveLength(
      1,
    );
  });
});
