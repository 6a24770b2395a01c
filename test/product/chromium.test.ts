import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { suites } from '../suites/index.ts';
import { packSuiteData } from '../suites/pack.ts';
import { launchChromium, pageOf, servePage } from './browser.ts';
import type { PageResult } from './page.ts';

async function bundlePage(): Promise<string> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('./page.ts', import.meta.url).href)],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  return bundle.outputFiles[0]?.text ?? '';
}

test('the suites run in Chromium', async ({ skip }) => {
  const data = packSuiteData();
  const browser = await launchChromium(skip);
  const page = await servePage(pageOf(await bundlePage()));
  try {
    const tab = await browser.newPage();
    await tab.goto(page.url);
    const results = (await tab.evaluate(
      // The function of page.ts, by the name that it has in the page.
      (given) => (globalThis as unknown as { runSuites(data: unknown): unknown }).runSuites(given),
      data,
    )) as readonly PageResult[];
    expect(results.filter(({ error }) => error !== null)).toEqual([]);
    expect(results.map(({ name }) => name)).toEqual(suites(data).map(({ name }) => name));
    console.log(`${browser.version()}: ${results.length} suites passed`);
  } finally {
    await browser.close();
    page.close();
  }
}, 180_000);
