import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hewn } from '../unit/cli/scene.ts';
import { projectFile } from '../unit/docs/markdown.ts';

/** Wrangler starts for each Worker, and other rings share the two cores. */
const DRY_RUN_MS_MAX = 120_000;
const FOLDER = projectFile('examples/reports');

test.each(['staging', 'production'])(
  'hewn deploy --dry-run bundles the Workers of %s and shows every step',
  { timeout: DRY_RUN_MS_MAX },
  async (env) => {
    const words = ['deploy', FOLDER, '--env', env, '--dry-run', '--json'];
    const { code, out, err } = await hewn(words);
    expect([code, err]).toEqual([0, '']);
    const { steps } = JSON.parse(out) as {
      readonly steps: readonly { readonly kind: string; readonly worker?: string }[];
    };
    expect(steps.map(({ kind }) => kind)).toEqual([
      ...['keys', 'upload', 'compare', 'upload', 'version', 'publish', 'doctor'],
    ]);
    const path = join(FOLDER, `.hewn/${env}/workers/gateway/wrangler.json`);
    const { services } = JSON.parse(await readFile(path, 'utf8')) as {
      readonly services: readonly { readonly service: string }[];
    };
    expect(new Set(services.map(({ service }) => service))).toEqual(
      new Set([`reports-${env}-issuer`]),
    );
  },
);
