import { expect, test } from 'vitest';
import { isTrustDomain, readSpiffeId } from '../../../src/identity/spiffe/index.ts';

test.each([
  ['spiffe://acme.example/agents/analyst', 'acme.example', '/agents/analyst'],
  ['spiffe://acme.example', 'acme.example', ''],
  ['spiffe://a_b-c.1/X/y.z/_-', 'a_b-c.1', '/X/y.z/_-'],
  ['spiffe://acme.example/...', 'acme.example', '/...'],
])('%s is a SPIFFE ID', (text, trustDomain, path) => {
  expect(readSpiffeId(text)).toEqual({ trustDomain, path });
});

test.each([
  ['nothing', ''],
  ['no scheme', 'acme.example/agents'],
  ['another scheme', 'https://acme.example/agents'],
  ['a scheme in upper case', 'SPIFFE://acme.example/agents'],
  ['no trust domain', 'spiffe:///agents'],
  ['nothing but the scheme', 'spiffe://'],
  ['a trust domain in upper case', 'spiffe://Acme.example/agents'],
  ['a port', 'spiffe://acme.example:443/agents'],
  ['user info', 'spiffe://me@acme.example/agents'],
  ['a query', 'spiffe://acme.example/agents?x=1'],
  ['a fragment', 'spiffe://acme.example/agents#x'],
  ['an encoded sign', 'spiffe://acme.example/agents%2Fanalyst'],
  ['an encoded trust domain', 'spiffe://acme%2Eexample/agents'],
  ['a slash at the end', 'spiffe://acme.example/agents/'],
  ['a slash as the path', 'spiffe://acme.example/'],
  ['an empty segment', 'spiffe://acme.example/a//b'],
  ['a dot', 'spiffe://acme.example/a/./b'],
  ['two dots', 'spiffe://acme.example/a/../b'],
  ['a letter beyond ASCII', 'spiffe://acme.example/agënts'],
  ['a trust domain beyond ASCII', 'spiffe://äcme.example/agents'],
  ['a space', 'spiffe://acme.example/a b'],
  ['a line end after it', 'spiffe://acme.example/agents\n'],
  ['a line end after the trust domain', 'spiffe://acme.example\n/agents'],
  ['a line end alone in a segment', 'spiffe://acme.example/\n'],
])('no SPIFFE ID: %s', (_, text) => {
  expect(readSpiffeId(text)).toBeUndefined();
});

test('accepts 2048 bytes of SPIFFE ID and not 2049, and 255 bytes of trust domain and not 256', () => {
  const start = 'spiffe://acme.example/';
  expect(readSpiffeId(start + 'x'.repeat(2_048 - start.length))).toBeDefined();
  expect(readSpiffeId(start + 'x'.repeat(2_049 - start.length))).toBeUndefined();
  expect(isTrustDomain('x'.repeat(255))).toBe(true);
  expect(isTrustDomain('x'.repeat(256))).toBe(false);
});
