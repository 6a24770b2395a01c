import { cp, mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { cloud } from './deploy.scene.ts';

const STAGING = ['--env', 'staging'];

test('hewn doctor examines what hewn deploy deployed', async () => {
  await using at = await cloud();
  await at.deploy(...STAGING);
  at.broken.add('/admin/v1/status');
  const { code, out, err } = await at.run('doctor', ...STAGING);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^ok +ready +issuer +https:\/\/issuer\.staging\.example is ready/m);
  expect(out).toMatch(/^ok +version +policy and catalogue/m);
  expect(out).toMatch(/^ok +open routes +admin API/m);
  expect(out).toMatch(/^skip +audit/m);
  expect(out).toMatch(/^ +→ /m);
});

test('hewn doctor exits with 1 if a check fails, and prints the same as JSON', async () => {
  await using at = await cloud();
  await at.deploy(...STAGING);
  at.broken.add('/readyz');
  const { code, out } = await at.run('doctor', ...STAGING, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    environment: 'staging',
    findings: expect.arrayContaining([
      expect.objectContaining({ check: 'ready', status: 'fail', advice: expect.any(String) }),
    ]),
  });
});

test('hewn doctor --env dev examines a running hewn dev', async () => {
  await using at = await cloud();
  await at.deploy(...STAGING);
  expect(await at.run('doctor', '--env', 'dev')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no hewn dev runs in'),
  });
  await mkdir(at.folder.file('.hewn/dev'));
  await cp(at.folder.file('.hewn/staging/keys.json'), at.folder.file('.hewn/dev/keys.json'));
  const run = {
    issuer: 'https://issuer.staging.example',
    tokenEndpoint: 'http://127.0.0.1:9400/token',
    audiences: ['https://gateway.staging.example'],
  };
  const running = JSON.stringify({ pid: process.pid, run });
  await writeFile(at.folder.file('.hewn/dev/running.json'), running);
  const { code, out } = await at.run('doctor', '--env', 'dev');
  expect(code).toBe(0);
  expect(out).toMatch(/^ok +ready +gateway/m);
  expect(out).toMatch(/^ok +keys +root key/m);
});

test.each<[string, readonly string[], string]>([
  [
    'an unknown gateway',
    ['--gateway', 'gateway-x=https://gateway.example'],
    'no gateway "gateway-x"',
  ],
  ['a URL without TLS', ['--issuer', 'http://issuer.example'], 'must be an https URL'],
  ['a drill that does not exist', ['--drill', 'drill.json'], 'there is no drill drill.json'],
  ['a damaged key file', ['--keys', 'damaged.json'], 'is damaged'],
])('hewn doctor refuses %s', async (_, words, message) => {
  await using at = await cloud();
  await writeFile(at.folder.file('damaged.json'), '{');
  const { code, err } = await at.run('doctor', ...STAGING, ...words);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
