import { expect } from 'vitest';
import type { ConsoleStage } from './stage.ts';
import { openTab, seriousFaults, settled, signIn, sticksOut } from './tab.ts';

/** Denies a tool from the page that lists who holds it, and lifts the denial. */
export async function denyAndLift(stage: ConsoleStage): Promise<void> {
  const tab = await openTab(stage);
  const { page } = tab;
  await tab.open('#/who?by=tool&name=mcp/files/write_file');
  await page.getByRole('link', { name: 'Deny it…' }).click();
  await page.getByRole('button', { name: 'Show what it stops' }).click();
  await page.getByRole('textbox', { name: 'Reason' }).fill('It writes what no one requested');
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Deny', exact: true }).click();
  const lift = page.getByRole('button', { name: 'Lift the denial of mcp/files/write_file' });
  await lift.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('The file was wanted');
  expect(await sticksOut(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Lift', exact: true }).click();
  await lift.waitFor({ state: 'detached' });
  expect(tab.faults).toEqual([]);
  await tab.close();
}

/** Sets a watermark after seeing what it stops, and withdraws it, which needs no token to be out. */
export async function markAndWithdraw(stage: ConsoleStage): Promise<void> {
  const tab = await openTab(stage);
  const { page } = tab;
  await tab.open('#/watermarks');
  await page.getByLabel('What', { exact: true }).selectOption('tool');
  await page.getByLabel('Which').fill('mcp/no/such_tool');
  await page.getByRole('button', { name: 'Show what it stops' }).click();
  await page.getByText('Is it spelled as records have it?').waitFor();
  await page.getByRole('textbox', { name: 'Reason' }).fill('a drill');
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Stop what was issued' }).click();
  const withdraw = page.getByRole('button', {
    name: 'Withdraw the watermark of mcp/no/such_tool',
  });
  await withdraw.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('the drill is over');
  await dialog.getByRole('button', { name: 'Withdraw', exact: true }).click();
  await withdraw.waitFor({ state: 'detached' });
  expect(tab.faults).toEqual([]);
  await tab.close();
}

/** Ends the sessions of a person, whose page is signed out by it. */
export async function endSessions(stage: ConsoleStage): Promise<void> {
  const other = await openTab(stage, { person: false });
  await other.open('#/now');
  await signIn(other.page, 'responder');
  await settled(other.page);
  const tab = await openTab(stage);
  const { page } = tab;
  await tab.open('#/operators');
  const own = page.getByRole('row', { name: /this one/ });
  expect(await own.textContent()).toContain('dev#administrator you');
  await page.getByRole('button', { name: 'End the sessions of dev#responder' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'End sessions' }).click();
  await dialog.getByText('Say why').waitFor();
  await dialog.getByRole('button', { name: 'The laptop was lost' }).click();
  expect(await seriousFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'End sessions' }).click();
  await page.getByText('dev#responder: 1 session ended').first().waitFor();
  await other.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  expect(tab.faults).toEqual([]);
  await tab.close();
  await other.close();
}

/** Puts the change that would allow a denied call of a workflow into a draft. */
export async function tryProposedChange(stage: ConsoleStage, workflow: string): Promise<void> {
  const tab = await openTab(stage);
  const { page } = tab;
  await tab.open(`#/w/${workflow}`);
  await page.locator('.time li:has-text("Denied") summary').first().click();
  const added = page.locator('.why .code ins').last();
  const rule = ((await added.textContent()) ?? '').slice(1);
  const orders: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') orders.push(new URL(request.url()).pathname);
  });
  await page.getByRole('link', { name: 'Try that change' }).click();
  await page.getByRole('heading', { name: 'What would change' }).waitFor();
  expect(await page.locator('#draft-text').inputValue()).toContain(rule);
  expect(await page.getByText('Nothing is active before you say so.').count()).toBe(2);
  expect(orders).toEqual(['/admin/v1/versions/drafts/try']);
  expect(await sticksOut(page)).toEqual([]);
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.reload();
  await settled(page);
  expect(await page.locator('#draft-text').inputValue()).not.toContain(rule);
  expect(tab.faults).toEqual([]);
  await tab.close();
}
