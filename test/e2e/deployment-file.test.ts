import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { generateWrangler, readDeployment } from '../../src/deployment/index.ts';
import { projectFile } from '../unit/docs/markdown.ts';

/** wrangler reads the files that are generated from examples/reports/hewn.toml. */

const BUILD_MILLISECONDS_MAX = 120_000;
const EXAMPLE = projectFile('examples/reports');
const GENERATED = join(EXAMPLE, '.hewn', 'test');
afterAll(() => rm(GENERATED, { recursive: true, force: true }));

async function dryRun(config: string): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json');
  const wrangler = join(dirname(manifest), 'bin', 'wrangler.js');
  const args = [wrangler, 'deploy', '--dry-run', '--config', config, '--outdir', `${config}.out`];
  const env = {
    ...process.env,
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    NO_COLOR: '1',
  };
  const ran = await promisify(execFile)(process.execPath, args, { env });
  return `${ran.stdout}${ran.stderr}`;
}

test(
  'wrangler takes the generated files of staging without a warning',
  async () => {
    const read = await readDeployment(await readFile(join(EXAMPLE, 'hewn.toml')));
    const staging = read.ok ? read.value.environments.find(({ name }) => name === 'staging') : null;
    if (!staging) throw new Error('the example has no valid environment "staging"');
    const feedPublicKey = 'ab'.repeat(32);
    const files = generateWrangler(staging, { root: '../..', feedPublicKey });
    if (!files.ok) throw new Error(files.error.code);
    await mkdir(GENERATED, { recursive: true });
    for (const config of [files.value.issuer, ...files.value.gateways]) {
      const path = join(GENERATED, `${config.name}.json`);
      await writeFile(path, JSON.stringify(config, null, 2));
      const printed = await dryRun(path);
      expect(printed).toContain('--dry-run: exiting now.');
      expect(printed).not.toMatch(/warning/i);
      const isGateway = config.name.endsWith('-gateway');
      // And not the name of the issuer's own bucket, which begins alike.
      expect(/reports-staging-issuer(?![\w-])/.test(printed)).toBe(isGateway);
      expect(printed).not.toContain('production');
    }
  },
  BUILD_MILLISECONDS_MAX,
);
