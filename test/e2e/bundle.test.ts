import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleWorkers } from '../../src/bundle/index.ts';
import { type Environment, readDeployment } from '../../src/deployment/index.ts';
import { projectFile } from '../unit/docs/markdown.ts';

/** Wrangler starts for each Worker, and other rings share the two cores. */
const BUNDLE_MS_MAX = 120_000;
const FOLDER = projectFile('examples/reports');
const FEED_KEY = 'ab'.repeat(32);

let out: string;
let staging: Environment;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'hewn-bundle-'));
  const read = await readDeployment(await readFile(join(FOLDER, 'hewn.toml')));
  const found = read.ok
    ? read.value.environments.find(({ name }) => name === 'staging')
    : undefined;
  if (found === undefined) throw new Error('no environment staging');
  staging = found;
});
afterAll(() => rm(out, { recursive: true, force: true }));

const bundle = (environment: Environment, outFolder: string) =>
  bundleWorkers({ folder: FOLDER, environment, outFolder, feedPublicKey: FEED_KEY });

test('bundles the issuer and each gateway of an environment', {
  timeout: BUNDLE_MS_MAX,
}, async () => {
  const bundled = await bundle(staging, join(out, 'staging'));
  if (!bundled.ok) throw new Error(bundled.error.message);
  const { issuer, gateways } = bundled.value;
  expect(issuer.config.name).toBe('reports-staging-issuer');
  expect(issuer.modules[0]).toMatchObject({ name: 'issuer.js', type: 'ESModule' });
  expect(issuer.modules.map(({ type }) => type).sort()).toEqual([
    ...['CompiledWasm', 'ESModule', 'Text', 'Text'],
  ]);
  expect(gateways.map(({ role, config }) => [role, config.name])).toEqual([
    ['gateway', 'reports-staging-gateway'],
  ]);
  expect(gateways[0]?.modules[0]?.name).toBe('gateway.js');
  const written = JSON.parse(await readFile(gateways[0]?.configPath ?? '', 'utf8'));
  expect(written.services).toContainEqual({
    binding: 'ISSUER_FEED',
    service: 'reports-staging-issuer',
  });
});

test('a warning of wrangler is an error', { timeout: BUNDLE_MS_MAX }, async () => {
  const environment = { ...staging, wrangler: { issuer: { no_such_key: 1 }, gateway: {} } };
  const bundled = await bundle(environment, join(out, 'warned'));
  expect(bundled).toMatchObject({ ok: false, error: { code: 'build_failed' } });
  expect(JSON.stringify(bundled)).toContain('no_such_key');
});

test('an entry that does not compile is an error that quotes the fault', {
  timeout: BUNDLE_MS_MAX,
}, async () => {
  const file = join(out, 'issuer.ts');
  await writeFile(file, 'export default {;\n');
  const entry = relative(FOLDER, file);
  const environment = { ...staging, issuer: { ...staging.issuer, entry } };
  const bundled = await bundle({ ...environment, gateways: [] }, join(out, 'broken'));
  expect(bundled).toMatchObject({ ok: false, error: { code: 'build_failed' } });
  expect(JSON.stringify(bundled)).toContain('issuer.ts:1');
});

test('gateways without a feed key are refused before anything is built', async () => {
  const options = { folder: FOLDER, environment: staging, outFolder: join(out, 'keyless') };
  expect(await bundleWorkers(options)).toMatchObject({
    ok: false,
    error: { code: 'feed_public_key_missing' },
  });
});
