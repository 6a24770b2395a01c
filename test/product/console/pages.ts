import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { projectFile } from '../../unit/docs/markdown.ts';
import type { ConsoleStage } from './stage.ts';
import { DESK, openTab, PHONE, seriousFaults, sticksOut, type TabOptions, unfold } from './tab.ts';

/** Where pictures for docs/console.md are put. Without it, none are made. */
const PICTURES = process.env.HEWN_CONSOLE_PICTURES;

/** What the pages are about. */
export interface Places {
  readonly workflow: string;
  readonly question: string;
}

/** Every page with the heading that it has, by its address. */
const pagesOf = ({
  workflow,
  question,
}: Places): readonly (readonly [string, string, string])[] => [
  ['now', '#/now', 'Now'],
  ['workflow', `#/w/${workflow}`, 'answer a letter of a customer'],
  ['denied', '#/denied', 'Denied'],
  ['watermarks', '#/watermarks', 'Watermarks'],
  ['approvals', '#/approvals', 'Approvals'],
  ['question', `#/approvals/${question}`, 'Approvals'],
  ['who', '#/who?by=tool&name=mcp/files/read_text_file', 'Who can do what'],
  ['policy', '#/policy', 'Policy'],
  ['draft', '#/policy/draft', 'Draft'],
  ['health', '#/health', 'Health'],
  ['trail', '#/trail', 'Trail'],
  ['operators', '#/operators', 'Operators'],
  ['words', '#/words', 'Words'],
  ['absent', '#/no-such-page', 'There is no such page'],
];

/** Names as long as an id, a URL or a tool can be, without a place to break the line. */
const LONG = 'n'.repeat(120);

/** Pages that say what they looked for. */
const ECHOES = [`#/now?q=${LONG}`, `#/w/${LONG}`, `#/who?by=tool&name=${LONG}`, `#/${LONG}`];

export const WINDOWS = [
  ['desk-light', { ...DESK, scheme: 'light' }],
  ['desk-dark', { ...DESK, scheme: 'dark' }],
  ['phone-light', { ...PHONE, scheme: 'light' }],
  ['phone-dark', { ...PHONE, scheme: 'dark' }],
  ['narrow', { width: 320, height: 700, scheme: 'light' }],
] as const;

/** Which fonts a machine has decides how wide a text is. */
export const OTHER_FONTS = [
  ['a wide font, 320 px', { width: 320, font: 'wide' }],
  ['a monospace font, 375 px', { width: 375, font: 'mono' }],
  ['a monospace font, 1280 px', { width: 1280, font: 'mono' }],
] as const;

/** Opens every page in a window, and makes the pictures of it that docs/console.md shows. */
export async function visitInWindow(
  stage: ConsoleStage,
  places: Places,
  window: string,
  options: TabOptions,
): Promise<void> {
  const tab = await openTab(stage, options);
  for (const [name, address, heading] of pagesOf(places)) {
    await tab.open(address);
    expect(await tab.page.locator('main h1').textContent(), address).toBe(heading);
    expect(await tab.page.title(), address).toContain('Hewn console');
    expect(await seriousFaults(tab.page), address).toEqual([]);
    expect(await sticksOut(tab.page), address).toEqual([]);
    if (PICTURES && SHOWN.has(`${name}-${window}`)) await picture(tab.page, `${name}-${window}`);
  }
  expect(tab.faults).toEqual([]);
  await tab.close();
}

/** Opens every page in a font that this machine may not have, and with names that are long. */
export async function visitInFont(
  stage: ConsoleStage,
  places: Places,
  options: TabOptions,
): Promise<void> {
  const tab = await openTab(stage, options);
  const { page } = tab;
  const addresses = pagesOf(places).map(([, address]) => address);
  for (const address of [...addresses, ...ECHOES]) {
    await tab.open(address);
    await unfold(page);
    expect(await sticksOut(page), address).toEqual([]);
  }
  await tab.open(`#/w/${places.workflow}`);
  await page.getByRole('button', { name: 'Revoke…' }).click();
  expect(await sticksOut(page)).toEqual([]);
  await tab.close();
}

/** The pictures of docs/console.md. */
const SHOWN: ReadonlySet<string> = new Set([
  ...['now', 'workflow', 'approvals', 'who', 'policy', 'health', 'trail'].map(
    (name) => `${name}-desk-light`,
  ),
  ...['workflow-desk-dark', 'now-phone-dark', 'trail-phone-dark'],
]);

async function picture(page: Page, name: string): Promise<void> {
  const folder = projectFile(PICTURES ?? '');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
