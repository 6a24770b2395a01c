import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIdentity, type OidcIssuer, readIssuers } from '../../../src/identity/index.ts';
import { TEMPLATE_KINDS } from '../../../src/identity/providers/index.ts';
import { fences, readProjectFile } from '../docs/markdown.ts';
import { NOW, type Provider, startProvider } from './provider.ts';

/** The ready-made entries against tokens as the platforms write them. */
const AUDIENCE = 'https://issuer.example';
const SECONDS = NOW / 1000;
const times = { iat: SECONDS - 5, nbf: SECONDS - 5, exp: SECONDS + 300 };

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

const CASES: Readonly<
  Record<string, { entry: Record<string, unknown>; claims: Record<string, unknown> }>
> = {
  'github-actions': {
    entry: {
      repositoryOwnerId: '65',
      repositoryId: '74',
      subjects: ['repo:octo-org/octo-repo:environment:prod'],
    },
    claims: {
      iss: 'https://token.actions.githubusercontent.com',
      aud: AUDIENCE,
      ...times,
      jti: 'example-id',
      sub: 'repo:octo-org/octo-repo:environment:prod',
      environment: 'prod',
      ref: 'refs/heads/main',
      repository: 'octo-org/octo-repo',
      repository_owner: 'octo-org',
      repository_id: '74',
      repository_owner_id: '65',
      actor: 'octocat',
      actor_id: '12',
      event_name: 'workflow_dispatch',
      run_attempt: '2',
      job_workflow_ref: 'octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
    },
  },
  gitlab: {
    entry: {
      namespaceId: '72',
      projectId: '20',
      subjects: ['project_path:my-group/my-project:ref_type:branch:ref:main'],
    },
    claims: {
      iss: 'https://gitlab.com',
      aud: AUDIENCE,
      ...times,
      sub: 'project_path:my-group/my-project:ref_type:branch:ref:main',
      namespace_id: '72',
      namespace_path: 'my-group',
      project_id: '20',
      user_id: '1',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
      pipeline_source: 'push',
    },
  },
  'google-cloud': {
    entry: { subjects: ['107517467455664443765'] },
    claims: {
      iss: 'https://accounts.google.com',
      aud: AUDIENCE,
      ...times,
      sub: '107517467455664443765',
      azp: '107517467455664443765',
      email_verified: true,
      email: 'report-agent@acme.iam.gserviceaccount.com',
    },
  },
  kubernetes: {
    entry: {
      issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/B59A',
      serviceAccounts: [{ namespace: 'reports', name: 'report-agent' }],
    },
    claims: {
      iss: 'https://oidc.eks.eu-west-1.amazonaws.com/id/B59A',
      aud: [AUDIENCE],
      ...times,
      sub: 'system:serviceaccount:reports:report-agent',
      'kubernetes.io': {
        namespace: 'reports',
        pod: { name: 'report-agent-69b', uid: 'a3d1' },
        serviceaccount: { name: 'report-agent', uid: '9f0c' },
      },
    },
  },
  entra: {
    entry: {
      tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      subjects: ['5d1f2a3b-0000-4000-8000-1234567890ab'],
    },
    claims: {
      iss: 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0',
      aud: AUDIENCE,
      ...times,
      ver: '2.0',
      idtyp: 'app',
      azpacr: '2',
      azp: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      sub: 'pairwise-and-not-stable',
      oid: '5d1f2a3b-0000-4000-8000-1234567890ab',
      roles: ['Reports.Read'],
      tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
    },
  },
  'entra-users': {
    entry: {
      tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      allowedActors: ['spiffe://acme.example/agents/analyst'],
    },
    claims: {
      iss: 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0',
      aud: AUDIENCE,
      ...times,
      ver: '2.0',
      idtyp: 'user',
      azpacr: '0',
      azp: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      sub: 'pairwise-and-not-stable',
      oid: '7a1f2a3b-0000-4000-8000-1234567890cd',
      scp: 'Reports.Delegate',
      tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
    },
  },
};

function expand(kind: string, change: Record<string, unknown> = {}): OidcIssuer {
  const read = readIssuers([
    { kind, name: 'platform', audience: AUDIENCE, ...CASES[kind]?.entry, ...change },
  ]);
  if (!read.ok) throw new Error(`${read.error.where}: ${read.error.why}`);
  return read.value[0] as OidcIssuer;
}

/** The entry unchanged, except for this test's keys instead of the platform's. */
async function outcome(kind: string, change: Record<string, unknown> = {}) {
  const { jwksUri } = provider.issuer;
  const issuer: OidcIssuer = { ...expand(kind), jwksUri, algorithms: ['ES256'] };
  const jwt = await provider.sign({ ...CASES[kind]?.claims, ...change });
  const result = await createIdentity([issuer], { now: () => NOW }).verify(jwt);
  return result.ok ? result.value.subject : result.error.code;
}

test('there is a case and a documented entry for every template', async () => {
  expect(Object.keys(CASES)).toEqual([...TEMPLATE_KINDS]);
  const text = await readProjectFile('docs/reference/identity.md');
  const entries = fences(text).filter(({ language }) => language === 'json');
  const kinds = entries.map(({ lines }) => {
    const entry = JSON.parse(lines.join('\n')) as { kind: string };
    expect(readIssuers([entry])).toMatchObject({ ok: true });
    return entry.kind;
  });
  expect(kinds).toEqual(['spiffe', ...TEMPLATE_KINDS]);
  for (const kind of TEMPLATE_KINDS) expect(text).toContain(`### \`${kind}\``);
});

test.each([
  ['github-actions', 'https://token.actions.githubusercontent.com/.well-known/jwks'],
  ['gitlab', 'https://gitlab.com/oauth/discovery/keys'],
  ['google-cloud', 'https://www.googleapis.com/oauth2/v3/certs'],
  ['kubernetes', 'https://oidc.eks.eu-west-1.amazonaws.com/id/B59A/openid/v1/jwks'],
  [
    'entra',
    'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/discovery/v2.0/keys',
  ],
  [
    'entra-users',
    'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/discovery/v2.0/keys',
  ],
])('%s fetches its keys from %s, for RS256 alone', (kind, jwksUri) => {
  expect(expand(kind)).toMatchObject({ jwksUri, algorithms: ['RS256'] });
});

test.each(TEMPLATE_KINDS)('a token of %s as it is written proves its subject', async (kind) => {
  const claims: Record<string, unknown> = CASES[kind]?.claims ?? {};
  expect(await outcome(kind)).toBe(kind.startsWith('entra') ? claims.oid : claims.sub);
});

describe('rejects a token of another account on the same platform', () => {
  test.each([
    ['github-actions', 'another repository', { sub: 'repo:evil/octo-repo:environment:prod' }],
    ['github-actions', "a pull request's run", { sub: 'repo:octo-org/octo-repo:pull_request' }],
    ['github-actions', "a name's new owner", { repository_owner_id: '66' }],
    ['github-actions', 'a repository that was deleted and created again', { repository_id: '75' }],
    ['github-actions', 'no owner', { repository_owner_id: undefined }],
    ['github-actions', 'the default audience', { aud: 'https://github.com/octo-org' }],
    ['gitlab', 'another branch', { sub: 'project_path:my-group/my-project:ref_type:branch:ref:x' }],
    ['gitlab', 'an unprotected ref', { ref_protected: 'false' }],
    ['gitlab', "a group's new owner", { namespace_id: '73' }],
    ['gitlab', 'a person', { sub: '1', nonce: 'n' }],
    ['google-cloud', 'another account', { sub: '107517467455664443766' }],
    ['google-cloud', 'a person who signed in', { at_hash: 'x' }],
    ['kubernetes', 'another namespace', { sub: 'system:serviceaccount:x:report-agent' }],
    ['kubernetes', 'the API server as audience', { aud: ['https://kubernetes.default.svc'] }],
    ['kubernetes', 'another cluster', { iss: 'https://oidc.eks.eu-west-1.amazonaws.com/id/C' }],
    ['kubernetes', 'an endless token', { exp: undefined }],
    ['entra', 'another tenant', { tid: '00000000-0000-4000-8000-000000000000' }],
    ['entra', 'a user', { idtyp: 'user' }],
    ['entra', 'no kind', { idtyp: undefined }],
    ['entra', 'another application', { oid: '5d1f2a3b-0000-4000-8000-1234567890ac' }],
    ['entra', 'an id only in sub', { oid: undefined, sub: '5d1f2a3b-0000-4000-8000-1234567890ab' }],
    ['entra-users', 'another tenant', { tid: '00000000-0000-4000-8000-000000000000' }],
    ['entra-users', 'an application', { idtyp: 'app' }],
    ['entra-users', 'no kind', { idtyp: undefined }],
    ['entra-users', 'an id only in sub', { oid: undefined }],
    ['entra-users', 'an ID token', { nonce: 'n' }],
  ])('%s: %s', async (kind, _, change) => {
    expect([
      ...['subject_unlisted', 'claim_unlisted', 'audience_mismatch', 'token_kind_refused'],
      ...['issuer_unknown', 'claims_invalid'],
    ]).toContain(await outcome(kind, change));
  });
});

describe('an entry that would match loosely is an error', () => {
  test.each([
    ['github-actions', { subjects: ['repo:octo-org/*:ref:refs/heads/main'] }],
    ['github-actions', { subjects: ['octo-org/octo-repo'] }],
    ['github-actions', { subjects: [] }],
    ['github-actions', { repositoryOwnerId: undefined }],
    ['github-actions', { repositoryOwnerId: 'octo-org' }],
    ['github-actions', { algorithms: ['ES256'] }],
    ['gitlab', { subjects: ['project_path:my-group/*:ref_type:branch:ref:main'] }],
    ['gitlab', { namespaceId: undefined }],
    ['google-cloud', { subjects: ['report-agent@acme.iam.gserviceaccount.com'] }],
    ['kubernetes', { serviceAccounts: [{ namespace: '*', name: 'report-agent' }] }],
    ['kubernetes', { serviceAccounts: [] }],
    ['kubernetes', { issuer: undefined }],
    ['entra', { tenant: 'common' }],
    ['entra', { subjects: ['report-agent'] }],
    ['entra', { version: 3 }],
    ['entra-users', { tenant: 'common' }],
    ['entra-users', { subjects: ['alice@acme.example'] }],
    ['entra-users', { allowedActors: undefined }],
    ['entra-users', { allowedActors: ['https://login.microsoftonline.com/*'] }],
  ])('%s %j', (kind, change) => expect(() => expand(kind, change)).toThrow());
});

describe("GitHub's subjects with numbers", () => {
  const numbered = 'repo:octo-org@65/octo-repo@74:environment:prod';
  const entry = (changes: object) => ({
    kind: 'github-actions',
    name: 'github',
    audience: AUDIENCE,
    repositoryOwnerId: '65',
    repositoryId: '74',
    subjects: [numbered],
    ...changes,
  });

  test('are listed as the repository writes them', () => {
    expect(readIssuers([entry({})]).ok).toBe(true);
    const both = ['repo:octo-org/octo-repo:environment:prod', numbered];
    expect(readIssuers([entry({ subjects: both })]).ok).toBe(true);
  });

  test.each([{ repositoryOwnerId: '66' }, { repositoryId: '75' }])(
    'a number that contradicts the pinned one is an error and not a subject that never comes: %j',
    (changes) => {
      expect(readIssuers([entry(changes)])).toMatchObject({ ok: false });
    },
  );

  test('two organisations are two entries', () => {
    const second = {
      name: 'second',
      repositoryOwnerId: '99',
      repositoryId: '12',
      subjects: ['repo:umbrella@99/b@12:ref:refs/heads/main'],
    };
    expect(readIssuers([entry({}), entry(second)]).ok).toBe(true);
  });
});

test('Entra applications and Entra users of one tenant and audience exclude each other', async () => {
  const entries = ['entra', 'entra-users'].map((kind) => ({
    kind,
    name: kind,
    audience: AUDIENCE,
    ...CASES[kind]?.entry,
  }));
  const read = readIssuers(entries);
  if (!read.ok) throw new Error(read.error.why);
  const { jwksUri } = provider.issuer;
  const issuers = read.value.map((entry) => ({
    ...(entry as OidcIssuer),
    jwksUri,
    algorithms: ['ES256' as const],
  }));
  const identity = createIdentity(issuers, { now: () => NOW });
  for (const kind of ['entra', 'entra-users']) {
    const verified = await identity.verify(await provider.sign(CASES[kind]?.claims ?? {}));
    expect(verified).toMatchObject({ ok: true, value: { issuerName: kind } });
  }
});
