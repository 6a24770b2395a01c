import { describe, expect, test } from 'vitest';
import {
  azureIdentity,
  environmentIdentity,
  githubActionsIdentity,
  gitlabIdentity,
  googleIdentity,
  type IdentitySource,
} from '../../../src/agent/index.ts';
import { ISSUER } from '../fixtures/issuer.ts';

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

/** A platform that answers every request in one way, and keeps the requests. */
function platformOf(answer: () => Response) {
  const requests: Request[] = [];
  const fetch = (async (input: string | URL | Request, init?: RequestInit) => {
    requests.push(new Request(input, init));
    return answer();
  }) as typeof globalThis.fetch;
  return { fetch, requests };
}

const GITHUB = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://ci.example/token?api-version=2',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job-credential',
};
const tokenOf = (source: IdentitySource) => source.token({ issuer: ISSUER });

describe('a job of GitHub Actions', () => {
  test('asks for a token whose audience is the issuer, with the credential of the job', async () => {
    const { fetch, requests } = platformOf(() => Response.json({ value: JWT }));
    expect(await tokenOf(githubActionsIdentity({ env: GITHUB, fetch }))).toBe(JWT);
    const [request] = requests;
    expect(request?.url).toBe(
      `https://ci.example/token?api-version=2&audience=${encodeURIComponent(ISSUER)}`,
    );
    expect(request?.headers.get('authorization')).toBe('bearer job-credential');
    expect(request?.redirect).toBe('manual');
  });

  test('says which permission is missing', async () => {
    await expect(tokenOf(githubActionsIdentity({ env: {} }))).rejects.toThrow('id-token: write');
  });

  test('says the status of a refusal, and nothing of its body', async () => {
    const { fetch } = platformOf(() => new Response('job-credential is wrong', { status: 403 }));
    const refused = tokenOf(githubActionsIdentity({ env: GITHUB, fetch }));
    await expect(refused).rejects.toThrow('https://ci.example answered with HTTP 403');
  });
});

test('a job of GitLab CI reads the variable of its `id_tokens`', async () => {
  expect(await tokenOf(gitlabIdentity({ env: { HEWN_ID_TOKEN: JWT } }))).toBe(JWT);
  await expect(tokenOf(gitlabIdentity({ env: {}, variable: 'MINE' }))).rejects.toThrow(
    'MINE is not set. Add it to `id_tokens`',
  );
});

test('a variable that holds no JWT is refused without quoting it', async () => {
  expect(await tokenOf(environmentIdentity('T', { env: { T: ` ${JWT}\n` } }))).toBe(JWT);
  const refused = tokenOf(environmentIdentity('T', { env: { T: 'a password' } }));
  await expect(refused).rejects.toThrow(/^T does not contain a JWT$/);
});

test('Google Cloud asks the metadata server for an identity token', async () => {
  const { fetch, requests } = platformOf(() => new Response(JWT));
  const source = googleIdentity({ audience: 'aud', env: {}, fetch });
  expect(await tokenOf(source)).toBe(JWT);
  expect(requests[0]?.url).toBe(
    'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity?audience=aud&format=full',
  );
  expect(requests[0]?.headers.get('metadata-flavor')).toBe('Google');
});

describe('Azure', () => {
  test('asks the metadata service of a virtual machine', async () => {
    const { fetch, requests } = platformOf(() => Response.json({ access_token: JWT }));
    const source = azureIdentity({ audience: 'api://hewn', clientId: 'c', env: {}, fetch });
    expect(await tokenOf(source)).toBe(JWT);
    expect(requests[0]?.url).toBe(
      'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2Fhewn&client_id=c',
    );
    expect(requests[0]?.headers.get('metadata')).toBe('true');
  });

  test('asks the endpoint of App Service and Container Apps with its secret', async () => {
    const { fetch, requests } = platformOf(() => Response.json({ access_token: JWT }));
    const env = { IDENTITY_ENDPOINT: 'http://127.0.0.1:4141/msi', IDENTITY_HEADER: 's' };
    expect(await tokenOf(azureIdentity({ env, fetch }))).toBe(JWT);
    const url = new URL(requests[0]?.url ?? '');
    expect(url.searchParams.get('resource')).toBe(ISSUER);
    expect(url.searchParams.get('api-version')).toBe('2019-08-01');
    expect(requests[0]?.headers.get('x-identity-header')).toBe('s');
  });

  test('says that the endpoint did not answer', async () => {
    const fetch = (() => Promise.reject(new TypeError('no route'))) as typeof globalThis.fetch;
    await expect(tokenOf(azureIdentity({ env: {}, fetch }))).rejects.toThrow(
      'http://169.254.169.254 did not answer (no route)',
    );
  });
});
