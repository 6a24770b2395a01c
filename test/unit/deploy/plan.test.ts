import { describe, expect, test } from 'vitest';
import { planDeployment } from '../../../src/deploy/plan.ts';
import { type Environment, generateWrangler } from '../../../src/deployment/index.ts';
import { deploymentOf, TWO } from '../deployment/scene.ts';

const FOLDER = '/acme';
const VERSION = { id: 'd'.repeat(64), files: ['policy/reports.datalog'] };

function bundlesOf(environment: Environment) {
  const files = generateWrangler(environment, { root: '../..', feedPublicKey: 'ab'.repeat(32) });
  if (!files.ok) throw new Error(files.error.code);
  const { issuer, gateways } = files.value;
  const bundle = (role: string, config: typeof issuer) => ({
    role,
    config,
    configPath: `${FOLDER}/.hewn/${environment.name}/workers/${role}/wrangler.json`,
    outFolder: `${FOLDER}/.hewn/${environment.name}/workers/${role}/out`,
    modules: [],
  });
  return {
    issuer: bundle('issuer', issuer),
    gateways: gateways.map((one) => bundle('gateway', one)),
  };
}

async function environmentOf(name: string): Promise<Environment> {
  const { environments } = await deploymentOf(TWO);
  const environment = environments.find((one) => one.name === name);
  if (!environment) throw new Error(name);
  return environment;
}

const plan = (
  environment: Environment,
  change: Partial<Parameters<typeof planDeployment>[0]> = {},
) =>
  planDeployment({
    folder: FOLDER,
    environment,
    bundles: bundlesOf(environment),
    fingerprints: new Map([
      ['issuer', 'one'],
      ['gateway', 'two'],
    ]),
    keys: { file: '.hewn/staging/keys.json', exists: false },
    state: { workers: {} },
    version: VERSION,
    ...change,
  });

async function stepsOf(name: string, change: Parameters<typeof plan>[1] = {}) {
  const planned = plan(await environmentOf(name), change);
  if (!planned.ok) throw new Error(planned.error);
  return planned.value;
}

describe('the plan of a deployment', () => {
  test.each(['staging', 'production'])('of %s has the issuer before its gateways', async (name) => {
    const steps = await stepsOf(name);
    expect(steps.map(({ kind }) => kind)).toEqual([
      ...['keys', 'upload', 'compare', 'upload', 'version', 'publish', 'doctor'],
    ]);
    expect(steps[1]).toMatchObject({
      worker: `reports-${name}-issuer`,
      args: ['deploy', '--config', `.hewn/${name}/workers/issuer/wrangler.json`],
      secrets: ['MINT_KEYS', 'FEED_KEY', 'LOG_KEY', 'OPERATOR_SHA256', 'APPROVER_KEY'],
      boundTo: [],
    });
    expect(steps[3]).toMatchObject({
      worker: `reports-${name}-gateway`,
      boundTo: [`reports-${name}-issuer`],
      secrets: ['RECEIPT_KEY', 'CALLER_KEY'],
    });
    expect(JSON.stringify(steps)).not.toContain('temporary');
  });

  test('changes nothing that is already so', async () => {
    const at = '2026-11-28T17:00:00Z';
    const steps = await stepsOf('staging', {
      keys: { file: '.hewn/staging/keys.json', exists: true },
      state: {
        workers: {
          'reports-staging-issuer': { fingerprint: 'one', at },
          'reports-staging-gateway': { fingerprint: 'two', at },
        },
        version: VERSION.id,
      },
    });
    expect(steps.filter(({ changes }) => changes)).toEqual([]);
  });

  test('uploads only the Worker that differs', async () => {
    const state = {
      workers: { 'reports-staging-issuer': { fingerprint: 'one', at: '' } },
      version: VERSION.id,
    };
    const steps = await stepsOf('staging', { state });
    const uploads = steps.filter(({ kind, changes }) => kind === 'upload' && changes);
    expect(uploads).toMatchObject([{ worker: 'reports-staging-gateway' }]);
  });

  test('refuses a gateway that is bound to the issuer of another environment', async () => {
    const staging = await environmentOf('staging');
    const bundles = bundlesOf(staging);
    const [gateway] = bundlesOf(await environmentOf('production')).gateways;
    if (!gateway) throw new Error('no gateway');
    const planned = plan(staging, { bundles: { ...bundles, gateways: [gateway] } });
    expect(planned).toEqual({
      ok: false,
      error:
        'a Worker of staging would be bound to reports-production-issuer, which belongs to another environment',
    });
  });
});
