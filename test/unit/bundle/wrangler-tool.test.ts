import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findWrangler } from '../../../src/bundle/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-wrangler-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function installed(version: string): Promise<void> {
  const wrangler = join(folder, 'node_modules/wrangler');
  await mkdir(wrangler, { recursive: true });
  const manifest = { name: 'wrangler', version, exports: { './package.json': './package.json' } };
  await writeFile(join(wrangler, 'package.json'), JSON.stringify(manifest));
}

test('the wrangler of the project is preferred to the one beside Hewn', async () => {
  await installed('4.999.0');
  const found = await findWrangler(folder);
  expect(found).toMatchObject({ ok: true, value: { version: '4.999.0' } });
});

test.each(['4.160.0', '3.999.0', '5.0.0'])(
  'wrangler %s is refused with what to install',
  async (version) => {
    await installed(version);
    const found = await findWrangler(folder);
    expect(found).toMatchObject({ ok: false, error: { code: 'wrangler_too_old' } });
    expect(JSON.stringify(found)).toContain('npm i -D wrangler@^4.164.0');
  },
);

test.each(['20.20.2', '22.11.0'])(
  'Node %s is refused in one line before wrangler starts',
  async (version) => {
    const found = await findWrangler(folder, version);
    expect(found).toMatchObject({
      ok: false,
      error: {
        code: 'node_too_old',
        message: `this command runs wrangler, which needs Node 22.12 or newer. This is Node ${version}.`,
      },
    });
  },
);

test.each(['22.12.0', '24.21.0'])('Node %s is new enough', async (version) => {
  expect((await findWrangler(folder, version)).ok).toBe(true);
});
