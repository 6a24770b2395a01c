import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { readPortFlags } from '../../../src/cli/serve/flags.ts';
import type { Environment } from '../../../src/deployment/index.ts';
import { choosePorts, findUnusablePort } from '../../../src/serve/ports.ts';
import { deploymentOf, VALID } from '../deployment/scene.ts';

const ANOTHER = `
[gateways.other]
url = "https://other.example"
upstreams = { files = "https://files.example/mcp" }
`;

async function environmentOf(toml: string): Promise<Environment> {
  const [environment] = (await deploymentOf(toml)).environments;
  if (!environment) throw new Error('no environment');
  return environment;
}

test('a flag takes the place of a stated port', async () => {
  const ports = choosePorts(await environmentOf(VALID), new Map([['issuer', 9000]]));
  expect(ports.ok && [...ports.value]).toEqual([
    ['issuer', 9000],
    ['gateway', 8787],
  ]);
});

test.each<[string, string, ReadonlyMap<string, number>, string]>([
  ['a gateway without a port', `${VALID}${ANOTHER}`, new Map(), 'has no port: state it in [serve]'],
  ['one port twice', VALID, new Map([['issuer', 8787]]), 'have the same port, 8787'],
  ['an unknown Worker', VALID, new Map([['main', 1]]), 'no Worker "main". There are: issuer, gat'],
])('refuses %s', async (_, toml, changes, fault) => {
  const ports = choosePorts(await environmentOf(toml), changes);
  expect(ports).toEqual({ ok: false, error: expect.stringContaining(fault) });
});

test.each(['issuer', 'issuer=', 'issuer=0', 'issuer=65536', '=8788', 'Issuer=8788'])(
  'refuses --port %s',
  (text) => {
    const ports = readPortFlags([text]);
    expect(ports).toEqual({ ok: false, error: expect.stringContaining(JSON.stringify(text)) });
  },
);

test('finds a port that another program listens on, and none that is free', async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const find = () => findUnusablePort('127.0.0.1', new Map([['issuer', port]]));
  expect(await find()).toContain(`port ${port} of "issuer" on 127.0.0.1 is in use`);
  await new Promise((closed) => server.close(closed));
  expect(await find()).toBeUndefined();
});
