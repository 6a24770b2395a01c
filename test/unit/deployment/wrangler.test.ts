import { readFile } from 'node:fs/promises';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import {
  type Environment,
  GATEWAY_RATES,
  generateWrangler,
  ISSUER_RATES,
  OBJECT_CLASSES,
} from '../../../src/deployment/index.ts';
import { parseConfig } from '../../../workers/gateway/config.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import { tableRows } from '../docs/markdown.ts';
import { deploymentOf, TWO, VALID } from './scene.ts';

const FEED_PUBLIC_KEY = 'ab'.repeat(32);

function generate(environment: Environment | undefined) {
  if (!environment) throw new Error('no such environment');
  const files = generateWrangler(environment, { root: '../..', feedPublicKey: FEED_PUBLIC_KEY });
  if (!files.ok) throw new Error(files.error.code);
  return files.value;
}

/** A file that states every key. */
const FULL = VALID.replace(
  '[issuer]',
  `[issuer]
audiences = ["https://contacts.example"]
feedPublicKey = "${'cd'.repeat(32)}"
feedShards = 256
sourceHeader = "cf-connecting-ip"
verifierCredentials = [{ audience = "https://contacts.example", sha256 = "${'12'.repeat(32)}" }]
deviationRules = { out-of-scope = "shadow" }
tripwires = { tools = ["mcp/files/bait"], datasets = ["payroll"] }
signalLoopback = "allowed"
rateLimits = { tokenPerSource = 100 }
mintCheckEvery = 16
secrets = ["SIGNAL_KEY", "DPOP_NONCE_SECRET"]`,
)
  .replace(
    'upstreams =',
    `issuerKeys = [{ id = 1, publicKey = "${'ef'.repeat(32)}" }]
killPublicKey = "${'ef'.repeat(32)}"
killUrl = "https://kill.example/list"
feedWitnesses = "log l+0+A\\nwitness w1 w+0+B\\nquorum w1"
stepUpChallenge = "header"
denials = "error"
origins = ["https://app.example"]
sourceHeader = "cf-connecting-ip"
rateLimits = { requestPerSource = 50 }
secrets = ["DPOP_NONCE_SECRET"]
upstreams =`,
  )
  .replace(
    '"https://files.internal.example/mcp" }',
    '{ url = "https://files.internal.example/mcp", credential = { kind = "bearer", sealed = "hewn-sealed.a.b.c" } } }',
  )
  .concat(`
[audit]
archive = "reports-audit"
retention = { control = 24, decisions = 12 }
auditorSha256 = "${'78'.repeat(32)}"
witnesses = "quorum none"
generation = 7

[notify.pager]
kind = "webhook"
url = "https://hooks.example/hewn"

[drill]
every = 30
within = 20

[operators]
sessionMinutes = 60

[operators.providers.corp]
issuer = "https://login.acme.example"
clientId = "hewn-console"
`);

const KEY = (digits: string): string => `ed25519-private/${digits.repeat(32)}`;
const SECRETS = {
  MINT_KEYS: JSON.stringify([{ id: 1, key: KEY('01'), state: 'active' }]),
  FEED_KEY: KEY('02'),
  SIGNAL_KEY: KEY('03'),
  LOG_KEY: KEY('04'),
  NOTIFY_SECRETS: JSON.stringify({ pager: `whsec_${btoa('k'.repeat(24))}` }),
  OPERATOR_SHA256: '34'.repeat(32),
  DPOP_NONCE_SECRET: '56'.repeat(32),
};

test.each([
  ['the smallest file', VALID],
  ['a file with every key', FULL],
])('the Workers accept the variables of %s', async (_, toml) => {
  const [environment] = (await deploymentOf(toml)).environments;
  const { issuer, gateways } = generate(environment);
  const objects = issuer.durable_objects as { bindings: readonly { name: string }[] };
  const bound = Object.fromEntries(objects.bindings.map(({ name }) => [name, {}]));
  const config = readConfig({ ...bound, ...(issuer.vars as object), ...SECRETS } as never);
  expect(config.issuer).toBe('https://issuer.example');
  expect(config.identityIssuers.map(({ name }) => name)).toEqual(['okta']);
  const gateway = parseConfig({ ...(gateways[0]?.vars as object) } as never);
  expect(gateway.issuer).toBe('https://issuer.example');
  expect(config.audiences[0]).toBe(gateway.audience);
  expect(gateway.shards).toBe(config.shards);
});

test('the gateway refuses more shards than the file allows', async () => {
  const [environment] = (await deploymentOf(FULL)).environments;
  const vars = { ...(generate(environment).gateways[0]?.vars as object), FEED_SHARDS: '257' };
  expect(() => parseConfig(vars as never)).toThrow('FEED_SHARDS');
});

test('every variable, secret and binding of the Workers is generated from a full file', async () => {
  const [environment] = (await deploymentOf(FULL)).environments;
  const { issuer, gateways } = generate(environment);
  const namesIn = (config: Readonly<Record<string, unknown>>): string[] => [
    ...Object.keys(config.vars as object),
    ...((config.secrets as { required: string[] } | undefined)?.required ?? []),
    ...(config.ratelimits as { name: string }[]).map(({ name }) => name),
    ...((config.r2_buckets as { binding: string }[] | undefined) ?? []).map(
      ({ binding }) => binding,
    ),
    ...(
      (config.durable_objects as { bindings: { name: string }[] } | undefined)?.bindings ?? []
    ).map(({ name }) => name),
    ...((config.services as { binding: string }[] | undefined) ?? []).map(({ binding }) => binding),
  ];
  const page = await readFile('docs/reference/configuration.md', 'utf8');
  const documented = (block: string): string[] =>
    tableRows(page.split(`generated: ${block} `)[1]?.split('<!-- end')[0] ?? '')
      .map(([name = '']) => /^`?([A-Z_0-9]+)`?$/.exec(name)?.[1] ?? '')
      .filter((name) => name !== '');
  expect(namesIn(issuer).sort()).toEqual(documented('issuer-variables').sort());
  // The form of an earlier version, which is read and not written.
  const written = documented('gateway-variables').filter((name) => name !== 'MCP_UPSTREAMS');
  expect(namesIn(gateways[0] ?? {}).sort()).toEqual(written.sort());
});

test('the classes and rate limits are those of the Workers of this repository', async () => {
  const read = async (path: string) => parse(await readFile(path, 'utf8')) as never;
  const issuer: {
    durable_objects: { bindings: { name: string; class_name: string }[] };
    ratelimits: { name: string; simple: { limit: number } }[];
  } = await read('wrangler.toml');
  const gateway: Pick<typeof issuer, 'ratelimits'> = await read('workers/gateway/wrangler.toml');
  const classes = issuer.durable_objects.bindings.map((each) => [each.class_name, each.name]);
  expect(Object.entries(OBJECT_CLASSES).sort()).toEqual(classes.sort());
  const limits = (rates: typeof issuer.ratelimits) =>
    rates.map(({ name, simple }) => [name, simple.limit]);
  const ours = (rates: typeof ISSUER_RATES) =>
    Object.entries(rates).map(([name, { perMinute }]) => [name, perMinute]);
  expect(ours(ISSUER_RATES)).toEqual(limits(issuer.ratelimits));
  expect(ours(GATEWAY_RATES)).toEqual(limits(gateway.ratelimits));
});

test('nothing generated for one environment names another', async () => {
  const { environments } = await deploymentOf(TWO);
  const [staging, production] = environments.map((each) => JSON.stringify(generate(each)));
  expect(staging).not.toContain('production');
  expect(production).not.toContain('staging');
});

test('binds each gateway to the issuer of its environment, whatever the file states', async () => {
  const toml = `${TWO}\n[wrangler.gateway]\nplacement = { mode = "smart" }\n`;
  for (const environment of (await deploymentOf(toml)).environments) {
    const { issuer, gateways } = generate(environment);
    expect(issuer.name).toBe(`reports-${environment.name}-issuer`);
    for (const gateway of gateways) {
      const services = gateway.services as { service: string }[];
      expect(services.map(({ service }) => service)).toEqual([issuer.name, issuer.name]);
      expect(gateway.placement).toEqual({ mode: 'smart' });
    }
  }
});

test('gives each Worker rate limit namespaces of its own', async () => {
  const { environments } = await deploymentOf(TWO);
  const ids = environments
    .map(generate)
    .flatMap(({ issuer, gateways }) => [issuer, ...gateways])
    .flatMap(({ ratelimits }) => ratelimits as { namespace_id: string }[])
    .map(({ namespace_id }) => namespace_id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[1-9]\d*$/);
});

test('does not generate a gateway without the public feed key', async () => {
  const [environment] = (await deploymentOf(VALID)).environments;
  expect(environment && generateWrangler(environment, { root: '../..' })).toEqual({
    ok: false,
    error: { code: 'feed_public_key_missing' },
  });
});
