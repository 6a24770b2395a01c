import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';

const ABSENT =
  'NOTHING RAN IN A BROWSER: no Chromium is installed. ' +
  'Debian: apt-get install chromium; or name one in CHROMIUM_PATH';

const PATHS = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/**
 * Starts the machine's Chromium. Skips the test on a person's machine that has none, with a
 * warning, and fails in CI.
 */
export async function launchChromium(skip: (why: string) => void): Promise<Browser> {
  const executablePath = PATHS.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    if (process.env.CI === undefined) {
      console.warn(ABSENT);
      skip(ABSENT);
    }
    throw new Error(ABSENT);
  }
  // A container's root may not have Chromium's sandbox; the pages are our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export interface Page {
  readonly url: string;
  readonly close: () => void;
}

/** The content of each file of a page, by its path. */
export type Files = ReadonlyMap<string, string>;

export const pageOf = (script: string): Files =>
  new Map([
    ['/', '<!doctype html><script src="/page.js"></script>'],
    ['/page.js', script],
  ]);

/** A page of its own origin: WebCrypto wants a secure context, which http://localhost is. */
export async function servePage(files: Files): Promise<Page> {
  const server = createServer(({ url = '/' }, response) => {
    const content = files.get(url);
    const media = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(content === undefined ? 404 : 200, {
      'content-type': `${media}; charset=utf-8`,
    });
    response.end(content);
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/`, close: () => server.close() };
}
