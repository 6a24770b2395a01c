import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { suites } from '../suites/index.ts';
import { packSuiteData } from '../suites/pack.ts';
import type { PageResult } from './page.ts';

const ABSENT =
  'THE SUITES DID NOT RUN IN A BROWSER: no Chromium is installed. ' +
  'Debian: apt-get install chromium; or name one in CHROMIUM_PATH';

const PATHS = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'];

const findBrowser = (): string | undefined =>
  PATHS.find((path) => path !== undefined && existsSync(path));

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

/** A page of its own origin: WebCrypto wants a secure context, which http://localhost is. */
async function servePage(script: string): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    const type = isScript ? 'text/javascript' : 'text/html';
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` });
    response.end(isScript ? script : '<!doctype html><script src="/page.js"></script>');
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/`, close: () => server.close() };
}

test('the suites run in Chromium', async ({ skip }) => {
  const executablePath = findBrowser();
  if (executablePath === undefined) {
    if (process.env.CI === undefined) {
      console.warn(ABSENT);
      skip(ABSENT);
    }
    throw new Error(ABSENT);
  }
  const data = packSuiteData();
  const page = await servePage(await bundlePage());
  // A container's root may not have Chromium's sandbox; the page is our own.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
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
