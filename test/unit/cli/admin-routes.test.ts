/** Each admin route has a command, so that an operator needs no curl. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';

/** Routes that no command calls, with the reason and what a person uses instead. */
const WITHOUT_COMMAND: Readonly<Record<string, string>> = {
  addPasskey: 'only a browser can make a passkey: the console does',
  showSeries: 'the points of a plot: the console draws it, and hewn workflows list has the counts',
  listTokens: 'a tree to look at: the console draws it, and hewn audit search has each token',
  proveRecords: 'the console verifies with it: hewn audit export and hewn audit verify do the same',
  showActiveRules: 'hits over time for the console: hewn policy record and hewn policy explain',
  tryDraft: 'hewn policy record and hewn policy diff decide the same requests on this machine',
  listKeys: 'hewn keys list has the keys of this machine, and hewn feed status those in the head',
};

const ROUTES = Object.values(ADMIN_API).flatMap((routes) => Object.keys(routes));

/** Whether a file of the command line names the route in its code, and not only in a comment. */
async function calledRoutes(): Promise<ReadonlySet<string>> {
  const folder = join(import.meta.dirname, '../../../src/cli');
  const files = (await readdir(folder, { recursive: true })).filter((one) => one.endsWith('.ts'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  // The publication of keys and of versions is shared with hewn deploy, outside of src/cli.
  const shared = ['publish-keys.ts', 'put-version.ts'];
  for (const file of shared) {
    texts.push(await readFile(join(folder, '../issuer-api', file), 'utf8'));
  }
  const code = texts.join('\n').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const words = new Set(code.match(/\b\w+\b/g));
  return new Set(ROUTES.filter((route) => words.has(route)));
}

test('each admin route has a command, or a reason why it has none', async () => {
  const called = await calledRoutes();
  const missing = ROUTES.filter((route) => !called.has(route));
  expect(missing.sort()).toEqual(Object.keys(WITHOUT_COMMAND).sort());
});
