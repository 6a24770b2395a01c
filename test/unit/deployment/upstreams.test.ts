import { expect, test } from 'vitest';
import { deploymentOf, textOf, VALID } from './scene.ts';

const withUpstream = (upstream: string): string =>
  VALID.replace('"https://files.internal.example/mcp"', upstream);

test('an upstream is a URL, or a table with more about it', async () => {
  const table =
    '{ url = "http://10.1.2.3/mcp", kind = "http", mode = "observe", addresses = ["10.0.0.0/8"], limits = { seconds = 60, concurrent = 5 } }';
  const deployment = await deploymentOf(withUpstream(table));
  expect(deployment.environments[0]?.gateways[0]?.upstreams.files).toEqual({
    url: 'http://10.1.2.3/mcp',
    kind: 'http',
    mode: 'observe',
    addresses: ['10.0.0.0/8'],
    limits: { seconds: 60, concurrent: 5 },
  });
});

test.each([
  ['a private address', '"https://169.254.169.254/"', 'files: leads to a private or special'],
  ['one in a table', '{ url = "http://notes:1/" }', 'files.url: leads to a private or special'],
  ['plain http', '"http://files.example/mcp"', 'files: is plain http on a public network'],
  ['no URL', '{ kind = "mcp" }', 'files.url: missing. Allowed: a key "url"'],
  ['a misspelled key', '{ url = "https://a.example", limit = {} }', 'Did you mean "limits"'],
  ['a number', '5', 'files: found 5'],
  ['another kind', '{ url = "https://a.example", kind = "grpc" }', 'files.kind: found "grpc"'],
  ['another scheme', '"ftp://a.example"', 'Allowed: an http(s) URL'],
  ['credentials in the URL', '"https://a:b@a.example"', 'Allowed: an http(s) URL'],
  [
    'no network',
    '{ url = "https://a.example", addresses = ["10.0.0.1/8"] }',
    'files.addresses[0]: found "10.0.0.1/8"',
  ],
  [
    'a limit above the highest',
    '{ url = "https://a.example", limits = { seconds = 901 } }',
    'files.limits.seconds: found 901. Allowed: a whole number from 1 to 900',
  ],
  [
    'less time with progress than without',
    '{ url = "https://a.example", limits = { seconds = 60, progressSeconds = 30 } }',
    'files.limits: "progressSeconds" below "seconds"',
  ],
  [
    'a binding as its service',
    '{ url = "https://a.example", service = "NOTES" }',
    'files.service: is the name of a binding',
  ],
  [
    'two secrets',
    '{ url = "https://a.example", credential = { kind = "bearer" } }',
    'files.credential: neither "secret" nor "sealed"',
  ],
  [
    'an unknown credential',
    '{ url = "https://a.example", credential = { kind = "cookie", secret = "A" } }',
    'files.credential.kind: found "cookie"',
  ],
  [
    'a misspelled key of a credential',
    '{ url = "https://a.example", credential = { kind = "bearer", secert = "A" } }',
    'Did you mean "secret"',
  ],
  [
    'a value instead of the name of a secret',
    '{ url = "https://a.example", credential = { kind = "bearer", secret = "sk-live-0123456789abcdef" } }',
    'files.credential.secret: found a text of 24 characters',
  ],
  [
    'a certificate for a service binding',
    '{ url = "https://a.example", service = "notes-api", certificate = "CERT" }',
    'files.certificate: "service" and "certificate"',
  ],
])('an upstream with %s is refused', async (_, upstream, fault) => {
  expect(await textOf(withUpstream(upstream))).toContain(fault);
});

test('the URL of a service binding leads to no address', async () => {
  expect(await textOf(withUpstream('{ url = "http://notes/", service = "notes-api" }'))).toBe('');
});
