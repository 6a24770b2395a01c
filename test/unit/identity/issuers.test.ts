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

test('reads issuers as configured', () => {
  expect(readIssuers([github, local])).toEqual({ ok: true, value: [github, local] });
});

const key = { kty: 'EC', kid: 'k', crv: 'P-256', x: 'AAAA', y: 'AAAA' };
const acme = {
  kind: 'spiffe',
  name: 'acme',
  trustDomain: 'acme.example',
  audience: 'https://issuer.example',
  bundleUri: 'https://spire.acme.example/bundle',
};
const nightly = {
  kind: 'client',
  name: 'nightly',
  clientId: 'nightly',
  algorithms: ['ES256'],
  jwks: { keys: [key] },
};

test('reads trust domains and clients as configured', () => {
  const { bundleUri: _, ...inline } = acme;
  const entries = [acme, { ...inline, name: 'b', trustDomain: 'b.example', bundle: { keys: [] } }];
  expect(readIssuers([...entries, nightly])).toEqual({ ok: true, value: [...entries, nightly] });
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

test.each([
  ['a wildcard subject', { subjects: ['repo:acme/*'] }, '0.subjects.0'],
  ['an empty list of subjects', { subjects: [] }, '0.subjects'],
  ['a wildcard actor', { allowedActors: ['https://idp.example#*'] }, '0.allowedActors.0'],
  ['a wildcard in a claim', { requiredClaims: { ref: 'refs/heads/*' } }, '0.requiredClaims.ref'],
  ['a claim of several values', { requiredClaims: { ref: ['a'] } }, '0.requiredClaims.ref'],
  ['a list for the required claims', { requiredClaims: [] }, '0.requiredClaims'],
  ['a kind that is not known', { kind: 'saml' }, '0.kind'],
  ['a kind that is a member of every object', { kind: 'toString' }, '0.kind'],
  ['a secret', { clientSecret: 'x' }, '0.clientSecret'],
])('an issuer that would match loosely is an error: %s', (_, change, place) => {
  expect(where([{ ...github, ...change }])).toBe(place);
});

test.each([
  ['a trust domain in upper case', { trustDomain: 'Acme.example' }, '0.trustDomain'],
  ['a wildcard trust domain', { trustDomain: '*.example' }, '0.trustDomain'],
  ['a SPIFFE ID', { trustDomain: 'spiffe://acme.example' }, '0.trustDomain'],
  ['two bundles, which would be merged', { bundle: { keys: [] } }, '0.'],
  ['no bundle', { bundleUri: undefined }, '0.bundleUri'],
  ['a bundle without keys', { bundle: {} }, '0.bundle'],
  ['plain http to another machine', { bundleUri: 'http://spire.example/' }, '0.bundleUri'],
  ['algorithms, which the standard fixes', { algorithms: ['EdDSA'] }, '0.algorithms'],
])('a trust domain that would be trusted too far is an error: %s', (_, change, place) => {
  expect(where([{ ...acme, ...change }])).toBe(place);
});

test.each([
  ['a shared secret', { algorithms: ['HS256'] }, '0.algorithms.0'],
  ['a client secret', { clientSecret: 'x' }, '0.clientSecret'],
  ['a private key', { jwks: { keys: [{ ...key, d: 'AAAA' }] } }, '0.jwks.keys.0'],
  ['a symmetric key', { jwks: { keys: [{ kty: 'oct', kid: 'k', k: 'A' }] } }, '0.jwks.keys.0.kty'],
  ['a key without an id', { jwks: { keys: [{ ...key, kid: undefined }] } }, '0.jwks.keys.0.kid'],
  ['no key', { jwks: { keys: [] } }, '0.jwks.keys'],
  ['two key sets', { jwksUri: 'https://client.example/keys' }, '0.'],
  ['an id with a space', { clientId: 'a b' }, '0.clientId'],
])('a client that would be known by less than its key is an error: %s', (_, change, place) => {
  expect(where([{ ...nightly, ...change }])).toBe(place);
});

test('two entries for one trust domain or one client are an error', () => {
  expect(where([acme, { ...acme, name: 'b' }])).toBe('1.trustDomain');
  expect(where([nightly, { ...nightly, name: 'b' }])).toBe('1.clientId');
  expect(where([github, { ...acme, name: 'github' }])).toBe('1.name');
});

test('two entries that one token could fit are an error: the milder would decide', () => {
  const second = { ...github, name: 'second' };
  expect(where([github, second])).toBe('1.issuer');
  expect(where([github, { ...local, name: github.name }])).toBe('1.name');
  expect(where([github, { ...second, requiredClaims: { another_claim: '1' } }])).toBe('1.issuer');
});

test('two entries of one issuer stand where no token fits both', () => {
  const apart = (change: object, of: object = github) =>
    where([of, { ...of, name: 'second', ...change }]);
  expect(apart({ audience: 'https://second.example' })).toBe('accepted');
  const owned = { ...github, requiredClaims: { repository_owner_id: '65' } };
  expect(apart({ requiredClaims: { repository_owner_id: '77' } }, owned)).toBe('accepted');
  const listed = { ...github, subjects: ['repo:acme/a:ref:refs/heads/main'] };
  expect(apart({ subjects: ['repo:umbrella/b:ref:refs/heads/main'] }, listed)).toBe('accepted');
  expect(apart({ subjects: listed.subjects }, listed)).toBe('1.issuer');
  const elsewhere = { audience: 'https://second.example', jwksUri: 'https://keys.example/' };
  expect(apart(elsewhere)).toBe('1.jwksUri');
});

test.each([[undefined], [null], [{}], [[]], ['x'], [[7]], [[null]]])('no issuers: %j', (json) => {
  expect(readIssuers(json).ok).toBe(false);
});
