import { expect, test } from 'vitest';
import { readIssuers } from '../../../src/identity/index.ts';

const github = {
  name: 'github',
  issuer: 'https://token.actions.githubusercontent.com',
  jwksUri: 'https://token.actions.githubusercontent.com/.well-known/jwks',
  audience: 'https://issuer.example',
  algorithms: ['RS256'],
};
const local = {
  name: 'local-idp',
  issuer: 'http://127.0.0.1:4010',
  jwksUri: 'http://localhost:4010/jwks',
  audience: 'https://issuer.example',
  algorithms: ['ES256', 'EdDSA'],
  tokenTypes: ['at+jwt'],
  idTokens: true,
  claims: ['groups'],
};

test('issuers are read as they stand', () => {
  expect(readIssuers([github, local])).toEqual({ ok: true, value: [github, local] });
});

const where = (json: unknown) => {
  const result = readIssuers(json);
  return result.ok ? 'accepted' : result.error.where;
};

test.each([
  ['alg none', { algorithms: ['none'] }, '0.algorithms.0'],
  ['a shared secret', { algorithms: ['ES256', 'HS256'] }, '0.algorithms.1'],
  ['no algorithm, which some libraries take for all', { algorithms: [] }, '0.algorithms'],
  ['no list of algorithms', { algorithms: undefined }, '0.algorithms'],
  ['a wildcard issuer', { issuer: 'https://*.example' }, '0.issuer'],
  ['a wildcard audience', { audience: '*' }, '0.audience'],
  ['an empty audience', { audience: '' }, '0.audience'],
  ['several audiences', { audience: ['a', 'b'] }, '0.audience'],
  ['plain http to another machine', { jwksUri: 'http://idp.example/keys' }, '0.jwksUri'],
  [
    'http to a name that only looks local',
    { jwksUri: 'http://127.0.0.1.evil.example/' },
    '0.jwksUri',
  ],
  ['http to localhost as user info', { jwksUri: 'http://localhost@evil.example/' }, '0.jwksUri'],
  ['keys from a file', { jwksUri: 'file:///etc/keys' }, '0.jwksUri'],
  ['user info in a URL', { jwksUri: 'https://a:b@idp.example/keys' }, '0.jwksUri'],
  ['a fragment, which would blur issuer#subject', { issuer: 'https://idp.example#a' }, '0.issuer'],
  ['no URL', { issuer: 'idp' }, '0.issuer'],
  ['a name with spaces', { name: 'my idp' }, '0.name'],
  ['an empty list of types', { tokenTypes: [] }, '0.tokenTypes'],
  ['a guard that is no boolean', { idTokens: 'no' }, '0.idTokens'],
  ['a misspelt guard', { tokenType: ['at+jwt'] }, '0.tokenType'],
])('a configuration that would weaken the check is an error: %s', (_, change, place) => {
  expect(where([{ ...github, ...change }])).toBe(place);
});

test('two entries for one issuer are an error: the milder would decide', () => {
  expect(where([github, { ...local, issuer: github.issuer }])).toBe('1.issuer');
  expect(where([github, { ...local, name: github.name }])).toBe('1.name');
});

test.each([[undefined], [null], [{}], [[]], ['x'], [[7]], [[null]]])('no issuers: %j', (json) => {
  expect(readIssuers(json).ok).toBe(false);
});
