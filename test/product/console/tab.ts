import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContext, Page } from 'playwright-core';
import { projectFile } from '../../unit/docs/markdown.ts';
import type { ConsoleStage } from './stage.ts';

/** A window of the browser on the console, and everything that went wrong in it. */
export interface Tab {
  readonly page: Page;
  /** Errors of the page, violations of its policy, and requests to another origin. */
  readonly faults: readonly string[];
  /** Opens an address of the console, and waits until nothing is loading. */
  readonly open: (address: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface TabOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** Which fonts the machine has decides how wide a text is. Default: those of this machine. */
  readonly font?: keyof typeof FONTS;
  /** The person who is signed in, by the name at `hewn dev`; false: no one. */
  readonly person?: string | false;
}

export const DESK = { width: 1280, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

/** Texts as other machines show them. */
const FONTS = {
  /** A fifth wider. */
  wide: '* { letter-spacing: 0.11em !important }',
  mono: ':root { --sans: monospace; --mono: monospace }',
} as const;

export async function openTab(stage: ConsoleStage, options: TabOptions = {}): Promise<Tab> {
  const {
    width = DESK.width,
    height = DESK.height,
    scheme = 'light',
    person = 'administrator',
    font,
  } = options;
  const issuer = stage.scene.issuerUrl;
  const context = await stage.browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  // The policy of the page allows no other style sheet than its own, except from a script.
  if (font) {
    await context.addInitScript(
      `{ const sheet = new CSSStyleSheet(); sheet.replaceSync('${FONTS[font]}'); document.adoptedStyleSheets = [sheet]; }`,
    );
  }
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error.stack)));
  page.on('request', (request) => {
    const url = request.url();
    const isOwn = new URL(url).origin === new URL(issuer).origin || url.startsWith('data:');
    if (!isOwn && !isSignIn(stage, url)) faults.push(`a request to ${url}`);
  });
  if (person !== false) await signedIn(page, issuer, person);
  faults.length = 0; // The session route answers 401 before the sign-in, which a browser reports.
  const open = async (address: string) => {
    await page.goto(`${issuer}/console/${address}`);
    await settled(page);
  };
  return { page, faults, open, close: () => context.close() };
}

/** The identity provider is another origin, and the sign-in goes there. */
const isSignIn = ({ scene }: ConsoleStage, url: string): boolean =>
  new URL(url).origin === new URL(scene.identity.url).origin;

/** Signs in as a person does, at the identity provider of `hewn dev`. */
export async function signIn(page: Page, person: string): Promise<void> {
  await page.getByRole('link', { name: /^Sign in with/ }).click();
  await page.getByRole('button', { name: person, exact: true }).click();
  await page.waitForURL('**/console/**');
}

/** What keeps each person signed in, by the issuer and the name. */
const sessions = new Map<string, Awaited<ReturnType<BrowserContext['cookies']>>>();

async function signedIn(page: Page, issuer: string, person: string): Promise<void> {
  const key = `${issuer} ${person}`;
  const known = sessions.get(key);
  if (known) return page.context().addCookies(known);
  await page.goto(`${issuer}/console/`);
  await signIn(page, person);
  await settled(page);
  sessions.set(key, await page.context().cookies());
}

const WAIT_MILLISECONDS_MAX = 15_000;

/** Waits until the page has a heading, and nothing on it is loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor({ timeout: WAIT_MILLISECONDS_MAX });
  await page
    .locator('.loading')
    .first()
    .waitFor({ state: 'detached', timeout: WAIT_MILLISECONDS_MAX });
}

/** Opens whatever is folded on the page, and waits until it has loaded. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(
    "document.querySelectorAll('main details').forEach((one) => { one.open = true; })",
  );
  await settled(page);
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Returns what axe finds that is serious or critical, each with the element. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}

const sticksOutOfPage = await readFile(projectFile('test/product/console/sticks-out.js'), 'utf8');

/** Returns what is wider than the place that it has, each with its element and by how much. */
export const sticksOut = (page: Page): Promise<readonly string[]> =>
  page.evaluate(sticksOutOfPage) as Promise<readonly string[]>;
