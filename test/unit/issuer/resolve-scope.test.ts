import { describe, expect, test } from 'vitest';
import { readIssuers } from '../../../src/identity/index.ts';
import { TEMPLATE_KINDS } from '../../../src/identity/providers/index.ts';
import {
  describeFault,
  type KnownNames,
  resolveScope,
  unresolvedValue,
} from '../../../workers/issuer/feed/resolve-scope.ts';

const SELF = 'https://issuer.example';
const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const OID = '5d1f2a3b-0000-4000-8000-1234567890ab';
const REPO = 'repo:octo-org/octo-repo:environment:prod';
const REF = 'project_path:my-group/my-project:ref_type:branch:ref:main';
const KEY = 'ab'.repeat(32);

/** One entry of each kind that can be configured, with an identity that it proves. */
const KINDS: Readonly<
  Record<string, { entry: Record<string, unknown>; subject: string; qualified: string }>
> = {
  oidc: {
    entry: { issuer: 'https://idp.acme.example', jwksUri: 'https://idp.acme.example/jwks' },
    subject: 'report-agent',
    qualified: 'https://idp.acme.example#report-agent',
  },
  'github-actions': {
    entry: { repositoryOwnerId: '65', subjects: [REPO] },
    subject: REPO,
    qualified: `https://token.actions.githubusercontent.com#${REPO}`,
  },
  gitlab: {
    entry: { namespaceId: '72', subjects: [REF] },
    subject: REF,
    qualified: `https://gitlab.com#${REF}`,
  },
  'google-cloud': {
    entry: { subjects: ['107517467455664443765'] },
    subject: '107517467455664443765',
    qualified: 'https://accounts.google.com#107517467455664443765',
  },
  kubernetes: {
    entry: {
      issuer: 'https://cluster.example/id/B59A',
      serviceAccounts: [{ namespace: 'reports', name: 'report-agent' }],
    },
    subject: 'system:serviceaccount:reports:report-agent',
    qualified: 'https://cluster.example/id/B59A#system:serviceaccount:reports:report-agent',
  },
  entra: {
    entry: { tenant: TENANT, subjects: [OID] },
    subject: OID,
    qualified: `https://login.microsoftonline.com/${TENANT}/v2.0#${OID}`,
  },
  'entra-users': {
    entry: { tenant: TENANT, allowedActors: ['spiffe://acme.example/agents/analyst'] },
    subject: OID,
    qualified: `https://login.microsoftonline.com/${TENANT}/v2.0#${OID}`,
  },
  spiffe: {
    entry: { trustDomain: 'acme.example', bundleUri: 'https://acme.example/bundle' },
    subject: 'spiffe://acme.example/agents/analyst',
    qualified: 'spiffe://acme.example/agents/analyst',
  },
  client: {
    entry: { clientId: 'nightly-report', jwksUri: 'https://reports.example/jwks' },
    subject: 'nightly-report',
    qualified: `${SELF}#nightly-report`,
  },
};

const entries = Object.entries(KINDS).map(([kind, { entry }]) => ({
  name: `the-${kind}`,
  ...(kind !== 'oidc' && { kind }),
  ...(kind !== 'client' && { audience: SELF }),
  ...((kind === 'oidc' || kind === 'client') && { algorithms: ['ES256'] }),
  ...entry,
}));
const read = readIssuers(entries);
if (!read.ok) throw new Error(`${read.error.where}: ${read.error.why}`);

const known: KnownNames = {
  self: SELF,
  identityIssuers: read.value,
  audiences: ['https://crm.example'],
  keys: new Map([['7', KEY]]),
  tools: new Set(['mcp/files/read_text_file']),
  owners: ['team:growth'],
};
const resolved = (scope: 'agent' | 'subject', value: string) =>
  resolveScope({ scope, value }, known);

test('there is an identity for every kind that can be configured', () => {
  expect(Object.keys(KINDS)).toEqual(['oidc', ...TEMPLATE_KINDS, 'spiffe', 'client']);
});

describe.each(Object.entries(KINDS))('an identity of kind %s', (kind, { subject, qualified }) => {
  test.each([
    ['as policies and hewn policy explain write it', `the-${kind}#${subject}`],
    ['as tokens and records have it', qualified],
  ])('is resolved %s', (_, spelled) => {
    expect(resolved('agent', spelled)).toEqual({ ok: true, value: qualified });
    expect(resolved('subject', spelled)).toEqual({ ok: true, value: qualified });
  });

  test('is refused under a name or an issuer that differs in one character', () => {
    expect(resolved('agent', `teh-${kind}#${subject}`)).toMatchObject({
      ok: false,
      error: { code: 'issuer_unconfigured' },
    });
    const other = qualified.replace(/example|com/, (name) => `${name}x`);
    expect(resolved('agent', other).ok).toBe(false);
    // The bare subject is what a JWT's `sub` has, and what no token of ours has.
    if (subject !== qualified) expect(resolved('agent', subject).ok).toBe(false);
  });
});

describe('a value that no token can name is refused:', () => {
  test.each([
    ['a subject that its entry does not list', 'agent', `the-github-actions#${REPO}x`],
    ['a client under another id', 'agent', 'the-client#another'],
    ['a name alone', 'agent', 'the-oidc'],
    ['an empty subject', 'agent', 'the-oidc#'],
    ['an invisible character', 'agent', 'the-oidc#report-agent\u200b'],
    ['a name in capitals', 'agent', 'The-OIDC#report-agent'],
    ['the issuer with a slash at its end', 'agent', 'https://idp.acme.example/#report-agent'],
    ['a SPIFFE ID of another domain', 'agent', 'spiffe://other.example/agents/analyst'],
    ['a SPIFFE ID with an empty segment', 'agent', 'spiffe://acme.example//analyst'],
    ['another domain behind the name of ours', 'agent', 'the-spiffe#spiffe://other.example/a'],
    ['an owner that the policy does not state', 'owner', 'growth'],
    ['the same as a subject', 'subject', 'growth'],
    ['a tool by its last segment', 'tool', 'read_text_file'],
    ['an audience with a slash at its end', 'audience', 'https://crm.example/'],
    ['an unknown key id', 'issuer_key', '8'],
    ['an unpublished key', 'issuer_key', 'cd'.repeat(32)],
    ['half of a character', 'owner', 'team:\ud800'],
    ['no value', 'owner', ''],
    ['a value together with all', 'all', 'x'],
  ] as const)('%s', (_, scope, value) => {
    const refused = resolveScope({ scope, value }, known);
    expect(refused.ok).toBe(false);
    if (!refused.ok) expect(describeFault(refused.error, known)).toMatch(/^.{20,}\.$/);
  });
});

test.each([
  ['the owner that the policy states', 'owner', 'team:growth', 'team:growth'],
  ['the owner that is the subject where no user is', 'subject', 'team:growth', 'team:growth'],
  ['a tool of the catalogue', 'tool', 'mcp/files/read_text_file', 'mcp/files/read_text_file'],
  ['a listed audience', 'audience', 'https://crm.example', 'https://crm.example'],
  ['a key by its id', 'issuer_key', '7', KEY],
  ['a key by its public half', 'issuer_key', KEY, KEY],
  ['everything', 'all', '', ''],
] as const)('%s is resolved', (_, scope, value, expected) => {
  expect(resolveScope({ scope, value }, known)).toEqual({ ok: true, value: expected });
});

test('any owner and any tool may be named where policy and catalogue do not say which there are', () => {
  const open = { ...known, owners: undefined, tools: undefined };
  expect(resolveScope({ scope: 'owner', value: 'growth' }, open).ok).toBe(true);
  expect(resolveScope({ scope: 'subject', value: 'growth' }, open).ok).toBe(true);
  expect(resolveScope({ scope: 'tool', value: 'crm.search' }, open).ok).toBe(true);
  expect(resolveScope({ scope: 'subject', value: 'unknown#growth' }, open).ok).toBe(false);
});

test.each([
  ['agent', 'gone-idp#report-agent', 'gone-idp#report-agent'],
  ['issuer_key', 'cd'.repeat(32), 'cd'.repeat(32)],
  ['issuer_key', '8', undefined],
  ['owner', '', undefined],
  ['owner', 'team:\ud800', undefined],
] as const)('an order that insists on %s %j stops %j', (scope, value, expected) => {
  const refused = resolveScope({ scope, value }, known);
  if (refused.ok) throw new Error('it was to be refused');
  expect(unresolvedValue({ scope, value }, refused.error)).toBe(expected);
});
