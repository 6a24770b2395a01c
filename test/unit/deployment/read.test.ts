import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { deploymentOf, faultsOf, TWO, textOf, VALID } from './scene.ts';

test('reads a file without environments as the environment production', async () => {
  const { environments, policy, catalogue } = await deploymentOf(VALID);
  expect(environments.map(({ name }) => name)).toEqual(['production']);
  expect([policy, catalogue]).toEqual(['policy', 'catalogue/tools.toml']);
});

test('reads the example of the repository', async () => {
  const { environments } = await deploymentOf(await readFile('examples/reports/hewn.toml', 'utf8'));
  expect(environments.map(({ name }) => name)).toEqual(['staging', 'production']);
});

test('accepts a byte order mark and line ends of Windows', async () => {
  expect(await textOf(`${String.fromCodePoint(0xfeff)}${VALID.replaceAll('\n', '\r\n')}`)).toBe('');
});

test('reports all faults at once, each with its place, in the order of the file', async () => {
  const faults = await faultsOf(
    VALID.replace('url = "https://issuer', 'feedShard = 3\nurl = "http://issuer')
      .replace('jwksUri', 'jwks_uri')
      .replace('"RS256"', '"RS25"')
      .replace('upstreams = {', 'stepUpChallenge = "headers"\nupstreams = {'),
  );
  expect(
    faults.map(({ key, line, column, suggestion }) => [key, line, column, suggestion]),
  ).toEqual([
    ['issuer.feedShard', 4, 1, 'feedShards'],
    ['issuer.url', 5, 7, undefined],
    ['providers.okta.jwks_uri', 9, 1, 'jwksUri'],
    ['providers.okta.algorithms[0]', 11, 15, 'RS256'],
    ['gateways.gateway.stepUpChallenge', 15, 19, 'header'],
  ]);
});

/** What people write, and the start of the line that answers it. */
const FAULTS: readonly (readonly [what: string, toml: string, fault: string])[] = [
  ['an empty file', '', 'hewn.toml: name: missing.'],
  ['JSON', '{"name": "x"}', 'hewn.toml:1:1: not TOML'],
  ['YAML', 'name: reports\n', 'hewn.toml:1'],
  ['a text without quotes', VALID.replace('"reports"', 'reports'), 'hewn.toml:1:8: not TOML'],
  ['curly quotes', VALID.replace('"reports"', '\u201creports\u201d'), 'hewn.toml:1:8: not TOML'],
  ['a key twice', `name = "a"\n${VALID}`, 'hewn.toml:2:1: not TOML'],
  ['a table twice', `${VALID}\n[issuer]\n`, 'hewn.toml:16:2: not TOML'],
  ['a conflict marker', `<<<<<<< HEAD\n${VALID}`, 'hewn.toml:1:1: not TOML'],
  ['a capital in the name', VALID.replace('"reports"', '"Reports"'), 'hewn.toml:1:8: name:'],
  ['a number as name', VALID.replace('"reports"', '7'), 'hewn.toml:1:8: name: found 7.'],
  [
    'a date as name',
    VALID.replace('"reports"', '2026-01-01'),
    'hewn.toml:1:8: name: found a date.',
  ],
  [
    'a slash at the end of a URL',
    VALID.replace('issuer.example"', 'issuer.example/"'),
    'hewn.toml:4:7: issuer.url:',
  ],
  [
    'a list of gateways',
    VALID.replace('[gateways.gateway]', '[[gateways]]'),
    'hewn.toml:12:3: gateways: found a list',
  ],
  [
    'a gateway without a name',
    VALID.replace('[gateways.gateway]', '[gateways]'),
    'hewn.toml:13:7: gateways.url:',
  ],
  [
    'a table as a text',
    VALID.replace(/\[issuer\]\nurl = /, 'issuer = '),
    'hewn.toml:3:10: issuer: found "https',
  ],
  [
    'no provider',
    VALID.replace(/\[providers[\s\S]*(?=\[gateways)/, ''),
    'hewn.toml: providers: missing.',
  ],
  [
    'no upstream',
    VALID.replace(/\{ files.*\}/, '{}'),
    'hewn.toml:14:13: gateways.gateway.upstreams: found an empty',
  ],
  [
    'a list as upstreams',
    VALID.replace(/\{ files.*\}/, '["x"]'),
    'hewn.toml:14:13: gateways.gateway.upstreams: found a list',
  ],
  ['an absolute path', `policy = "/etc/policy"\n${VALID}`, 'hewn.toml:1:10: policy:'],
  [
    'a fraction of shards',
    VALID.replace('[issuer]', '[issuer]\nfeedShards = 1.5'),
    'hewn.toml:4:14: issuer.feedShards:',
  ],
  [
    'more shards than a gateway follows',
    VALID.replace('[issuer]', '[issuer]\nfeedShards = 257'),
    'hewn.toml:4:14: issuer.feedShards:',
  ],
  [
    'the URL of the issuer for a gateway',
    VALID.replace('https://gateway', 'https://issuer'),
    'hewn.toml:13:7: gateways.gateway.url: is also',
  ],
  [
    'itself as a provider',
    VALID.replace('issuer = "https://acme.okta.com"', 'issuer = "https://issuer.example"'),
    'hewn.toml:7:10: providers.okta.issuer: is the issuer',
  ],
  [
    'half a kill switch',
    VALID.replace('upstreams =', 'killUrl = "https://kill.example/list"\nupstreams ='),
    'hewn.toml:14:11: gateways.gateway.killUrl:',
  ],
  [
    'an upstream that is the gateway',
    VALID.replace('files.internal', 'gateway'),
    'hewn.toml:14:23: gateways.gateway.upstreams.files: leads to',
  ],
  [
    'another name on workers.dev',
    VALID.replace('https://issuer.example"\n\n', 'https://issuer.acme.workers.dev"\n\n'),
    'hewn.toml:4:7: issuer.url: is not where',
  ],
  [
    'routes of another host',
    VALID.replace('[issuer]', '[issuer]\nroutes = ["x.example/*"]'),
    'hewn.toml:4:10: issuer.routes: none of them',
  ],
  [
    'a gateway named issuer',
    VALID.replace('gateways.gateway', 'gateways.issuer'),
    'hewn.toml:12:11: gateways.issuer: has the same Worker name',
  ],
  [
    'a protected key',
    `${VALID}\n[wrangler.gateway]\nservices = []`,
    'hewn.toml:17:1: wrangler.gateway.services: a key that Hewn writes',
  ],
  [
    'the URL of the gateway as an audience',
    VALID.replace('[issuer]', '[issuer]\naudiences = ["https://gateway.example"]'),
    'hewn.toml:4:14: issuer.audiences[0]: appears twice',
  ],
  [
    'no gateway and no audience',
    VALID.replace(/\[gateways[\s\S]*/, ''),
    'hewn.toml:3:2: issuer.audiences: missing, and there is no gateway',
  ],
  [
    'a credential for an unknown audience',
    VALID.replace(
      '[issuer]',
      `[issuer]\nverifierCredentials = [{ audience = "https://x.example", sha256 = "${'ab'.repeat(32)}" }]`,
    ),
    'hewn.toml:4:37: issuer.verifierCredentials[0].audience: is no audience',
  ],
  [
    'one secret twice',
    VALID.replace('[issuer]', '[issuer]\nsecrets = ["SIGNAL_KEY", "SIGNAL_KEY"]'),
    'hewn.toml:4:26: issuer.secrets[1]: appears twice',
  ],
  [
    'a kill switch on the host of the issuer',
    VALID.replace(
      'upstreams =',
      `killUrl = "https://issuer.example/list"\nkillPublicKey = "${'ab'.repeat(32)}"\nupstreams =`,
    ),
    'hewn.toml:14:11: gateways.gateway.killUrl: is on the host of the issuer',
  ],
  [
    'one provider under two names',
    VALID.replace(
      '[gateways.gateway]',
      `[providers.again]
issuer = "https://acme.okta.com"
jwksUri = "https://acme.okta.com/oauth2/v1/keys"
audience = "https://issuer.example"
algorithms = ["RS256"]

[gateways.gateway]`,
    ),
    'hewn.toml:13:10: providers.again.issuer: conflict',
  ],
  [
    'a provider with a name inside',
    VALID.replace('[providers.okta]', '[providers.okta]\nname = "okta"'),
    'hewn.toml:7:1: providers.okta.name: unknown key',
  ],
  [
    'an unknown kind of provider',
    VALID.replace('[providers.okta]', '[providers.okta]\nkind = "saml"'),
    'hewn.toml:7:8: providers.okta.kind: found "saml"',
  ],
  [
    'a capital in the name of a provider',
    VALID.replace('providers.okta', 'providers.Okta'),
    'hewn.toml:6:12: providers.Okta: "Okta" is not a valid name',
  ],
  [
    'a capital in the name of a server',
    VALID.replace('{ files', '{ Files'),
    'hewn.toml:14:15: gateways.gateway.upstreams.Files: "Files" is not a valid name',
  ],
  [
    'a name that is not in Unicode form NFC',
    VALID.replace('"reports"', '"re\u0301ports"'),
    'hewn.toml:1: found',
  ],
  [
    'a table of [wrangler] for no Worker',
    `${VALID}\n[wrangler.gateways]\nx = 1`,
    'hewn.toml:16:11: wrangler.gateways: unknown key',
  ],
  [
    'a name for all environments in one',
    TWO.replace(
      '[environments.staging.issuer]',
      '[environments.staging]\nname = "x"\n[environments.staging.issuer]',
    ),
    'hewn.toml:15:1: environments.staging.name: "name" is the same',
  ],
];

describe('reports what people get wrong', () => {
  test.each(FAULTS)('%s', async (_, toml, fault) => {
    const text = await textOf(toml);
    expect(
      text.split('\n').some((line) => line.startsWith(fault)),
      text,
    ).toBe(true);
  });
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'reports the reserved name %s at any depth',
  async (name) => {
    for (const toml of [
      `${name} = 1\n${VALID}`,
      VALID.replace('[issuer]', `[issuer]\n${name} = 1`),
      VALID.replace('{ files', `{ ${name} = "https://x.example", files`),
      `${VALID}\n[gateways.${name}]\nurl = "https://x.example"`,
      `${VALID}\n[providers.${name}]\nkind = "spiffe"`,
      `${VALID}\n[environments.${name}]`,
    ]) {
      expect(await textOf(toml)).toContain(`${name}: a reserved name`);
    }
  },
);

test('escapes characters that a terminal does not show', async () => {
  expect(await textOf(`"a${String.fromCodePoint(0x202e)}b" = 1\n${VALID}`)).toContain('\\u{202e}');
});

test('rejects environments without one', async () => {
  expect(await textOf(`${VALID}\n[environments]\n`)).toContain(
    'environments: found an empty table',
  );
});

test.each(['rateLimits = []', 'tripwires = 2026-01-01', 'deviationRules = "off"'])(
  'rejects what is no table: %s',
  async (line) => {
    expect(await textOf(VALID.replace('[issuer]', `[issuer]\n${line}`))).toContain(
      'Allowed: a table',
    );
  },
);

test('rejects bytes that are not UTF-8, with their line', async () => {
  const bytes = new TextEncoder().encode(VALID);
  bytes[VALID.indexOf('issuer.example')] = 0xff;
  expect(await textOf(bytes)).toBe('hewn.toml:4: found bytes that are not UTF-8. Allowed: UTF-8.');
});

test('rejects a file over the limit before it is parsed', async () => {
  expect(await textOf(`#${'x'.repeat(300_000)}`)).toMatch(/found 300001 bytes/);
});

test('shows at most a hundred faults', async () => {
  const keys = Array.from({ length: 500 }, (_, index) => `k${index} = 1`).join('\n');
  const faults = await faultsOf(`${keys}\n${VALID}`);
  expect(faults).toHaveLength(101);
  expect(faults.at(-1)?.found).toBe('400 more faults are not shown');
});

describe('keeps secrets out of messages', () => {
  const SECRET = `ed25519-private/${'a1'.repeat(32)}`;
  test.each([
    VALID.replace('[issuer]', `[issuer]\nFEED_KEY = "${SECRET}"`),
    VALID.replace('[issuer]', `[issuer]\nfeedPublicKey = "${SECRET}"`),
    VALID.replace('"https://issuer.example"\n\n', `"${SECRET}"\n\n`),
    VALID.replace('files.internal.example/mcp', `user:${SECRET.slice(-24)}@files.example`),
    VALID.replace('"RS256"', `"${SECRET}"`),
    VALID.replace('audience = "https', `audience = ["${SECRET}"]\nx = "https`),
    `${VALID}\nx = "${SECRET}\n`,
    VALID.replace(
      'https://issuer.example"\n\n',
      `http://issuer.example/?key=${SECRET.slice(-24)}"\n\n`,
    ),
    `${VALID}\n[wrangler.issuer]\nx = "${SECRET}"`,
  ])('%#', async (toml) => {
    const text = await textOf(toml);
    expect(text).not.toBe('');
    expect(text).not.toContain('a1a1a1');
  });
});

describe('two environments share nothing', () => {
  test('a URL of the issuer', async () => {
    const toml = TWO.replace('https://issuer.staging.example', 'https://issuer.example');
    expect(await textOf(toml)).toMatch(
      /production\.issuer\.url: has the same URL as the environment "staging"/,
    );
  });

  test('a URL outside of both', async () => {
    const toml = TWO.replace(
      '[gateways.gateway]',
      '[gateways.gateway]\nurl = "https://gateway.example"',
    )
      .replace('url = "https://gateway.staging.example"', '')
      .replace(/url = "https:\/\/gateway\.example"\n$/, '');
    expect(await textOf(toml)).toMatch(/gateways\.gateway\.url: has the same URL/);
  });

  test('a feed key', async () => {
    const key = `feedPublicKey = "${'ab'.repeat(32)}"`;
    expect(await textOf(TWO.replace('[issuer]', `[issuer]\n${key}`))).toMatch(
      /has the same feed key/,
    );
  });

  test('the name of a Worker', async () => {
    const toml = `${TWO}
[environments.staging.gateways.eu-gateway]
url = "https://eu.staging.example"
upstreams = { files = "https://f.example" }
[environments.staging-eu.issuer]
url = "https://issuer.eu.example"
[environments.staging-eu.gateways.gateway]
url = "https://gateway.eu.example"
`;
    expect(await textOf(toml)).toMatch(/has the same Worker name/);
  });
});

test('names the environment that lacks a required key', async () => {
  const toml = TWO.replace('url = "https://issuer.staging.example"', '');
  expect(await textOf(toml)).toMatch(/issuer\.url: missing for the environment "staging"/);
});

test('replaces the whole value of a key that an environment states', async () => {
  const toml = TWO.replace(
    'url = "https://gateway.staging.example"',
    'url = "https://gateway.staging.example"\nupstreams = { other = "https://other.example" }',
  );
  const [staging, production] = (await deploymentOf(toml)).environments;
  expect(staging?.gateways[0]?.upstreams).toEqual({ other: 'https://other.example' });
  expect(Object.keys(production?.gateways[0]?.upstreams ?? {})).toEqual(['files']);
});
