import { describe, expect, test } from 'vitest';
import { servePorts } from '../../../src/deployment/index.ts';
import { deploymentOf, textOf, VALID } from './scene.ts';

const withServe = (serve: string, more = '') => `${VALID}${more}\n[serve]\n${serve}\n`;
/** The file with its server at a private address, which it lists. */
const serverAt = (file: string, host: string) =>
  file.replace(
    '"https://files.internal.example/mcp"',
    `{ url = "https://${host}/mcp", addresses = ["${host.replace(/[[\]]/g, '')}"] }`,
  );

test('a file without [serve] may have servers at private addresses', async () => {
  expect(await textOf(serverAt(VALID, '10.1.2.3'))).toBe('');
});

test('a deployment needs a statement about the proxy once it has [serve]', async () => {
  expect(await textOf(withServe('host = "0.0.0.0"'))).toContain('serve.sourceHeader: missing');
  expect(await textOf(withServe('sourceHeader = "none"'))).toBe('');
});

test('the only gateway has a port of its own, and several must state theirs', async () => {
  const one = (await deploymentOf(withServe('sourceHeader = "none"'))).environments[0];
  expect(one && [...servePorts(one)]).toEqual([
    ['issuer', 8788],
    ['gateway', 8787],
  ]);
  const another = `[gateways.other]\nurl = "https://other.example"\nupstreams = { files = "https://files.example/mcp" }\n`;
  const text = await textOf(
    withServe('sourceHeader = "none"\ngatewayPorts = { gateway = 1000 }', another),
  );
  expect(text).toContain('serve.gatewayPorts.other: missing');
});

describe('faults of [serve]', () => {
  test('names a provider at a private address, which the issuer could not reach', async () => {
    const file = withServe('sourceHeader = "none"').replace('acme.okta.com/oauth2', '10.1.2.3');
    expect(await textOf(file)).toContain('serve.issuerNetwork does not allow it');
    const allowed = file.replace('"none"', '"none"\nissuerNetwork = ["public", "private"]');
    expect(await textOf(allowed)).toBe('');
  });

  test.each([
    ['an unknown key', 'port = 8788', 'serve.port: unknown key'],
    ['a port that is no number', 'issuerPort = "8788"', 'serve.issuerPort: found "8788"'],
    ['a port of no gateway', 'gatewayPorts = { files = 1 }', 'serve.gatewayPorts.files: is no'],
    ['one port twice', 'issuerPort = 8787', 'is also the port of "issuer"'],
    ['an unknown network', 'gatewayNetwork = ["lan"]', 'serve.gatewayNetwork[0]: found "lan"'],
    ['an empty list of networks', 'gatewayNetwork = []', 'serve.gatewayNetwork: found an empty'],
  ])('names %s', async (_, line, fault) => {
    expect(await textOf(withServe(`sourceHeader = "none"\n${line}`))).toContain(fault);
  });

  test.each(['10.1.2.3', '127.0.0.1', '192.168.0.9', '172.16.0.1', '[::1]', '[fd00::1]', 'files'])(
    'names a server at the private address %s, which the gateway could not reach',
    async (host) => {
      const file = serverAt(withServe('sourceHeader = "none"'), host);
      expect(await textOf(file)).toContain('serve.gatewayNetwork does not allow it');
      const allowed = file.replace('"none"', '"none"\ngatewayNetwork = ["public", "private"]');
      expect(await textOf(allowed)).toBe('');
    },
  );
});
