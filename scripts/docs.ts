/** Rewrites the generated parts of the documentation, or with --check reports which are stale. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { BLOCKS, FILES, pathOf, renderApi, renderPage } from './docs/index.ts';

const HELP = `npm run docs [-- --api] [-- --check]
Rewrites the parts of docs/ between generated markers. scripts/docs/index.ts lists the blocks.
  --api     also writes docs/api, from the docstrings of the public doors (half a minute)
  --check   changes nothing; exits with 1 if a page is stale, and names it
`;
const API = 'docs/api';

const { values } = parseArgs({
  options: { api: { type: 'boolean' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
});

if (values.help === true) {
  process.stdout.write(HELP);
} else {
  for (const path of new Set(BLOCKS.map(({ page }) => page))) {
    const { current, expected } = await renderPage(path);
    if (expected.ok) {
      await settle(path, current, expected.value);
    } else {
      console.error(`${path}: ${expected.error.code} (block "${expected.error.block}")`);
      process.exitCode = 1;
    }
  }
  for (const { path, render } of FILES) {
    const current = await readFile(pathOf(path), 'utf8').catch(() => undefined);
    await settle(path, current, render());
  }
  if (values.api === true) await settleApi();
}

/** Writes a page that differs, or reports it with --check. No text means that it must not exist. */
async function settle(path: string, current?: string, expected?: string): Promise<void> {
  if (expected === current) return;
  if (values.check === true) {
    const flag = path.startsWith(API) ? ' -- --api' : '';
    console.error(`${path} is stale: run npm run docs${flag}`);
    process.exitCode = 1;
    return;
  }
  if (expected === undefined) {
    await rm(pathOf(path));
    console.log(`removed ${path}`);
    return;
  }
  await mkdir(dirname(pathOf(path)), { recursive: true });
  await writeFile(pathOf(path), expected);
  console.log(`wrote ${path}`);
}

async function settleApi(): Promise<void> {
  const pages = await renderApi();
  const names = await readdir(pathOf(API), { recursive: true }).catch(() => []);
  const present = names.filter((name) => name.endsWith('.md'));
  for (const name of new Set([...present, ...pages.keys()])) {
    const path = `${API}/${name}`;
    const current = present.includes(name) ? await readFile(pathOf(path), 'utf8') : undefined;
    await settle(path, current, pages.get(name));
  }
}
