/** The console in a real Chromium, on the records of the walk-through. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servePage } from './browser.ts';
import { type Asked, askForApproval } from './console/approval.ts';
import { type Hostile, whatHostileDid, writeHostile } from './console/hostile.ts';
import { denyAndLift, endSessions, markAndWithdraw, tryProposedChange } from './console/orders.ts';
import { OTHER_FONTS, type Places, visitInFont, visitInWindow, WINDOWS } from './console/pages.ts';
import { type ConsoleStage, type LiveAgent, openConsole } from './console/stage.ts';
import { openTab, PHONE, seriousFaults, settled, signIn, sticksOut } from './console/tab.ts';

const START_MILLISECONDS_MAX = 180_000;
const STORY_MILLISECONDS_MAX = 180_000;
/** Each opens a dozen pages, and other tests may take the cores. */
const PAGES_MILLISECONDS_MAX = 240_000;

let stage: ConsoleStage;
let running: LiveAgent;
let denied: LiveAgent;
let asked: Asked;
beforeAll(async () => {
  stage = await openConsole((why) => {
    throw new Error(why);
  });
  running = await stage.begin('churn by region, EU');
  await running.call('list_directory', { path: 'reports' });
  await running.call('read_text_file', { path: 'reports/q3.md' });
  denied = await stage.begin('answer a letter of a customer');
  await denied.call('read_text_file', { path: 'reports/q1.md' });
  await denied.call('read_text_file', { path: 'private/salaries.csv' });
  asked = await askForApproval(stage.scene, 'correct the figures of November');
}, START_MILLISECONDS_MAX);
afterAll(() => stage?.close());

describe('a story of an operator', () => {
  test(
    'signs in, and comes back to where the link led',
    async () => {
      const tab = await openTab(stage, { person: false });
      await tab.open('#/health');
      expect(await tab.page.locator('h1').textContent()).toBe('You are signed out');
      await signIn(tab.page, 'viewer');
      await settled(tab.page);
      expect(await tab.page.locator('h1').textContent()).toBe('Health');
      expect(await tab.page.locator('.who').textContent()).toContain('viewer');
      const stored = await tab.page.evaluate('JSON.stringify([localStorage, sessionStorage])');
      expect(stored).toBe('[{},{}]');
      expect(await tab.page.evaluate('document.cookie')).toBe('');
      await tab.page.getByRole('button', { name: 'Sign out' }).click();
      await tab.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
      await tab.close();
    },
    STORY_MILLISECONDS_MAX,
  );

  test(
    'watches a workflow appear, follows a denial to its rule, and revokes the workflow',
    async () => {
      const tab = await openTab(stage);
      const { page } = tab;
      await tab.open('#/now');
      const agent = await stage.begin('export customers for a partner');
      await page.getByRole('button', { name: /new, show/ }).click({ timeout: 60_000 });
      const answer = await agent.call('read_text_file', { path: 'private/salaries.csv' });
      expect(answer).toMatchObject({ verdict: 'denied', code: 'no_grant' });
      await page.getByRole('link', { name: 'export customers for a partner' }).click();
      await settled(page);
      const denial = page.locator('.time li.deny, .time li:has-text("Denied")').first();
      await denial.waitFor({ timeout: 60_000 });
      await denial.locator('summary').click();
      const why = denial.locator('.why');
      await why.waitFor();
      await expect.poll(() => why.textContent()).toContain('files/private/salaries.csv');
      expect(await why.textContent()).toMatch(/\.datalog|tools\.toml/);
      expect(await seriousFaults(page)).toEqual([]);

      await page.getByRole('button', { name: 'Revoke…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog
        .getByRole('textbox', { name: 'Reason' })
        .fill('It reads what it was not asked to read');
      expect(await seriousFaults(page)).toEqual([]);
      await dialog.getByRole('button', { name: 'Revoke' }).click();
      await dialog.getByRole('heading', { name: 'Revoked' }).waitFor();
      // A gateway reads the feed when a call needs it, so calls go on until one is denied.
      await expect
        .poll(() => agent.call('read_text_file', { path: 'reports/q1.md' }), {
          timeout: 30_000,
          interval: 500,
        })
        .toMatchObject({ verdict: 'denied', code: 'revoked' });
      await dialog.getByText('confirmed', { exact: true }).first().waitFor({ timeout: 60_000 });
      await dialog.getByRole('button', { name: 'Close' }).click();
      await page.getByText('revoked', { exact: true }).first().waitFor();
      expect(tab.faults).toEqual([]);
      await tab.close();
    },
    STORY_MILLISECONDS_MAX,
  );

  test(
    'approves on a phone what an agent asked for, and the agent gets it',
    async () => {
      const asked = await askForApproval(stage.scene, 'fix figures in a summary');
      const tab = await openTab(stage, { ...PHONE, person: 'approver' });
      const { page } = tab;
      await tab.open(`#/approvals/${asked.id}`);
      await page.getByText('mcp/files/edit_file').first().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      expect(await sticksOut(page)).toEqual([]);
      await page.getByRole('textbox', { name: 'Reason' }).fill('agreed with Alice');
      await page.getByRole('button', { name: 'Approve', exact: true }).click();
      await page.getByText('approved').first().waitFor();
      expect(await asked.take()).toBe(200);
      expect(tab.faults).toEqual([]);
      await tab.close();
    },
    STORY_MILLISECONDS_MAX,
  );

  test(
    'denies a tool after seeing what that stops, and lifts the denial',
    () => denyAndLift(stage),
    STORY_MILLISECONDS_MAX,
  );

  test(
    'sets a watermark after seeing what it stops, and withdraws it',
    () => markAndWithdraw(stage),
    STORY_MILLISECONDS_MAX,
  );

  test(
    'ends the sessions of another person, whose page is signed out by it',
    () => endSessions(stage),
    STORY_MILLISECONDS_MAX,
  );

  test(
    'verifies the trail in the browser, and finds what was changed on the way',
    async () => {
      const tab = await openTab(stage);
      const { page } = tab;
      await tab.open('#/trail?event=revocation');
      await page.getByRole('button', { name: 'Verify what is shown' }).click();
      await page.getByText(/verified in this browser/).waitFor();
      expect(await page.locator('.note.ok').count()).toBe(1);
      await page.route('**/admin/v1/audit?*', async (route) => {
        const answer = await route.fetch();
        const text = await answer.text();
        await route.fulfill({
          response: answer,
          body: text.replaceAll('"actor":"operator"', '"actor":"mallory"'),
        });
      });
      await page.reload();
      await settled(page);
      await page.getByRole('button', { name: 'Verify what is shown' }).click();
      await page.getByText(/Do not rely on this page/).waitFor();
      expect(tab.faults).toEqual([]);
      await tab.close();
    },
    STORY_MILLISECONDS_MAX,
  );
});

describe('the console', () => {
  test('is shown in no frame of another page', async () => {
    const issuer = stage.scene.issuerUrl;
    const outer = await servePage(
      new Map([['/', `<!doctype html><iframe src="${issuer}/console/"></iframe>`]]),
    );
    const page = await stage.browser.newPage();
    const violations: string[] = [];
    page.on('console', (message) => violations.push(message.text()));
    await page.goto(outer.url);
    await expect.poll(() => violations.join()).toContain('frame-ancestors');
    await page.close();
    outer.close();
  });

  test(
    'is used by keyboard alone',
    async () => {
      const tab = await openTab(stage);
      const { page } = tab;
      await tab.open('#/health');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Verifiers');
      await page.keyboard.press('Enter');
      await page.getByRole('note').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('note').waitFor({ state: 'detached' });
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Verifiers');
      await page.getByRole('link', { name: 'Trail' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Trail' }).waitFor();
      await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
      expect(tab.faults).toEqual([]);
      await tab.close();
    },
    STORY_MILLISECONDS_MAX,
  );

  test(
    'says that the issuer does not answer, keeps what it shows, and continues by itself',
    async () => {
      const tab = await openTab(stage);
      const { page } = tab;
      await tab.open('#/health');
      await page.route('**/admin/v1/**', (route) => route.abort());
      await page.getByText(/Not updated since/).waitFor({ timeout: 60_000 });
      expect(await page.getByRole('heading', { name: 'Storage' }).count()).toBe(1);
      await page.unroute('**/admin/v1/**');
      await page.getByText(/Not updated since/).waitFor({ state: 'detached', timeout: 60_000 });
      await tab.close();
    },
    STORY_MILLISECONDS_MAX,
  );
});

const places = (): Places => ({ workflow: denied.capability.workflow, question: asked.id });

describe.each(WINDOWS)('every page in the window %s', (window, options) => {
  test(
    'has its heading, no error, no serious fault, and fits',
    () => visitInWindow(stage, places(), window, options),
    PAGES_MILLISECONDS_MAX,
  );
});

describe.each(OTHER_FONTS)('every page in %s', (_, options) => {
  test(
    'fits, with everything unfolded, in a dialog, and with long names',
    () => visitInFont(stage, places(), options),
    PAGES_MILLISECONDS_MAX,
  );
});

describe('what a hijacked agent writes', () => {
  let hostile: Hostile;
  beforeAll(async () => {
    hostile = await writeHostile(stage);
  });

  test.each(['as written', 'in every answer'] as const)(
    'is shown as text, runs nowhere, hides nothing and breaks no page: %s',
    async (how) => {
      expect(await whatHostileDid(stage, hostile, how)).toEqual([]);
    },
    STORY_MILLISECONDS_MAX,
  );
});

describe('a change of the policy', () => {
  test(
    'that would allow a denied call is put into a draft, and no more than tried',
    () => tryProposedChange(stage, denied.capability.workflow),
    STORY_MILLISECONDS_MAX,
  );

  test(
    'tries a draft on recorded requests, activates it, and rolls back',
    async () => {
      const tab = await openTab(stage);
      const { page } = tab;
      await tab.open('#/policy/draft');
      const text = page.locator('#draft-text');
      const policy = await text.inputValue();
      await text.fill(policy.replace('under("files/reports")', 'under("files/reports/2026")'));
      await page.getByRole('button', { name: 'Try it' }).click();
      await page.getByRole('heading', { name: 'What would change' }).waitFor();
      expect(await page.locator('.code del').count()).toBeGreaterThan(0);
      expect(await seriousFaults(page)).toEqual([]);
      await page.getByRole('textbox', { name: 'Reason' }).fill('reports of this year only');
      await page.getByRole('button', { name: 'Store', exact: true }).click();
      await page.getByText('Nothing decides by it yet.').first().waitFor();
      expect(tab.faults).toEqual([]);
      await tab.close();
    },
    STORY_MILLISECONDS_MAX,
  );
});
