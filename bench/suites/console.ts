/**
 * What the console takes in a browser with many living workflows: how long its pages need, and what
 * it holds while the list changes. The issuer, the gateway, the agents and Chromium share the
 * machine.
 */
import type { CDPSession, Page } from 'playwright-core';
import { askForApproval } from '../../test/product/console/approval.ts';
import { type ConsoleStage, openConsole } from '../../test/product/console/stage.ts';
import { openTab, settled } from '../../test/product/console/tab.ts';
import type { Report } from '../report.ts';
import type { SuiteOptions } from './options.ts';

const WORKFLOWS = 200;
const AT_ONCE = 4;
/** As many questions as one agent may ask. */
const QUESTIONS = 8;
/** Each is an order of an operator, which changes the list, and at least one poll of the page. */
const CHANGES = 30;
const ROWS_MILLISECONDS_MAX = 20_000;
/** A list that keeps what it no longer shows would grow with each change. */
const NODES_GROWTH_MAX = 1.1;

interface Held {
  readonly rows: number;
  readonly nodes: number;
  readonly heapBytes: number;
}

export async function consoleReport({ progress }: SuiteOptions): Promise<Report> {
  const stage = await openConsole((why) => {
    throw new Error(why);
  });
  try {
    const workflows = await beginMany(stage, progress);
    const tab = await openTab(stage);
    const { page } = tab;
    const browser = await page.context().newCDPSession(page);
    const firstMilliseconds = await timed(async () => {
      await tab.open('#/now');
      await rowsOf(page).first().waitFor({ timeout: ROWS_MILLISECONDS_MAX });
    });
    const allMilliseconds = await timed(() => showAll(page));
    const before = await heldBy(page, browser);
    await change(stage, workflows, progress);
    const after = await heldBy(page, browser);
    expectFlat(before, after);
    const workflowMilliseconds = await timed(() => tab.open(`#/w/${workflows.at(-1)}`));
    const approvalsMilliseconds = await timed(() => tab.open('#/approvals'));
    const times = {
      firstMilliseconds,
      allMilliseconds,
      workflowMilliseconds,
      approvalsMilliseconds,
    };
    await tab.close();
    return report(times, before, after);
  } finally {
    await stage.close();
  }
}

/** Each workflow reads a file, and tries to read another that it may not. */
async function beginMany(
  stage: ConsoleStage,
  progress: SuiteOptions['progress'],
): Promise<readonly string[]> {
  const workflows: string[] = [];
  const begin = async (number: number) => {
    const agent = await stage.begin(`task ${number} of many`);
    await agent.call('read_text_file', { path: 'reports/q1.md' });
    await agent.call('read_text_file', { path: 'private/salaries.csv' });
    workflows.push(agent.capability.workflow);
    if (workflows.length % 50 === 0) progress(`${workflows.length} of ${WORKFLOWS} workflows`);
  };
  const numbers = Array.from({ length: WORKFLOWS }, (_, index) => index);
  const work = async () => {
    for (let next = numbers.pop(); next !== undefined; next = numbers.pop()) await begin(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (let asked = 0; asked < QUESTIONS; asked += 1) {
    await askForApproval(stage.scene, `question ${asked} of many`);
  }
  return workflows;
}

/** The plot has a table of its own, for screen readers, which is not shown. */
const rowsOf = (page: Page) => page.locator('main tbody tr:visible');

async function showAll(page: Page): Promise<void> {
  const older = page.getByRole('button', { name: 'Show older' });
  while ((await rowsOf(page).count()) < WORKFLOWS) {
    const rows = await rowsOf(page).count();
    await older.click({ timeout: ROWS_MILLISECONDS_MAX });
    await rowsOf(page).nth(rows).waitFor({ timeout: ROWS_MILLISECONDS_MAX });
  }
}

/** Suspends one workflow after another, and waits until the page shows each. */
async function change(
  stage: ConsoleStage,
  workflows: readonly string[],
  progress: SuiteOptions['progress'],
): Promise<void> {
  const { issuerUrl, operator } = stage.scene;
  for (let done = 0; done < CHANGES; done += 1) {
    const answer = await fetch(`${issuerUrl}/admin/v1/workflows/${workflows[done]}/suspend`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator}` },
      body: JSON.stringify({ reason: 'bench' }),
    });
    if (!answer.ok) throw new Error(`suspend: ${answer.status}`);
    // The page asks every two seconds.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    if ((done + 1) % 10 === 0) progress(`${done + 1} of ${CHANGES} changes`);
  }
}

async function heldBy(page: Page, browser: CDPSession): Promise<Held> {
  await settled(page);
  await browser.send('HeapProfiler.collectGarbage');
  const { usedSize } = await browser.send('Runtime.getHeapUsage');
  const nodes = (await page.evaluate("document.querySelectorAll('*').length")) as number;
  return { rows: await rowsOf(page).count(), nodes, heapBytes: usedSize };
}

function expectFlat(before: Held, after: Held): void {
  if (before.rows < WORKFLOWS) throw new Error(`the page shows ${before.rows} of ${WORKFLOWS}`);
  if (after.rows < before.rows) throw new Error(`the page lost rows: ${after.rows}`);
  if (after.nodes > before.nodes * NODES_GROWTH_MAX) {
    throw new Error(`the page grew from ${before.nodes} to ${after.nodes} elements`);
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function report(times: Readonly<Record<string, number>>, before: Held, after: Held): Report {
  const milliseconds = (name: string) => `${Math.round(times[name] ?? 0)} ms`;
  const megabytes = ({ heapBytes }: Held) => `${(heapBytes / 1e6).toFixed(1)} MB`;
  return {
    suite: 'console',
    title: `The console in Chromium, with ${WORKFLOWS} living workflows and ${QUESTIONS} questions`,
    columns: ['', 'value'],
    rows: [
      ['Now, until its first page of workflows is shown', milliseconds('firstMilliseconds')],
      [`Now, until all ${WORKFLOWS} are shown`, milliseconds('allMilliseconds')],
      ['one workflow, until it is shown', milliseconds('workflowMilliseconds')],
      ['Approvals, until they are shown', milliseconds('approvalsMilliseconds')],
      [`JavaScript heap with ${before.rows} rows`, megabytes(before)],
      [`the same after ${CHANGES} changes of the list`, megabytes(after)],
      ['elements of the page', `${before.nodes}`],
      [`the same after ${CHANGES} changes of the list`, `${after.nodes}`],
    ],
    data: { ...times, before, after, workflows: WORKFLOWS, changes: CHANGES },
  };
}
