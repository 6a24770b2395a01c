import { describe, expect, test } from 'vitest';
import { createDpopKey, narrowingFetch, obtainCapability } from '../../../src/agent/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { checkProof, createNonces, tokenHash } from '../../../src/dpop/index.ts';
import { AUDIENCE, at, countBlocks, mintToken, unwrap } from '../fixtures/issuer.ts';

const key = await createDpopKey();
const WIDE = mintToken({ holder: key.thumbprint });
const catalogue = unwrap(
  parseCatalogue(`
    [[tool]]
    name = "mcp/files/read_file"
    action = "read"
    tier = 1
    arguments = ["path"]
    datasets = [{ argument = "/path", under = "files" }]`),
);
const nonces = createNonces(new Uint8Array(32).fill(3));
const capability = {
  token: WIDE,
  workflow: 'wf_1',
  task: 'churn',
  audience: AUDIENCE,
  grants: [],
  expires: new Date(at(300)),
  holder: key,
};

interface Arrived {
  readonly request: Request;
  readonly body: string;
  readonly token: string;
  readonly proof: string;
}

/** A resource server with scripted answers, and the requests that arrived. */
function wire(...answers: readonly (() => Response | Promise<Response>)[]) {
  const arrived: Arrived[] = [];
  const send = (async (request: Request) => {
    const token = request.headers.get('authorization')?.replace('DPoP ', '') ?? '';
    const proof = request.headers.get('dpop') ?? '';
    arrived.push({ request, body: await request.clone().text(), token, proof });
    const answer = answers[arrived.length - 1] ?? (() => new Response('done'));
    return answer();
  }) as typeof fetch;
  const narrowing = narrowingFetch({
    capability,
    catalogue,
    server: 'files',
    now: () => at(0),
    fetch: send,
  });
  return { arrived, narrowing };
}

const check = async ({ proof, token, request }: Arrived, asked?: typeof nonces) =>
  checkProof(proof, {
    method: request.method,
    url: request.url,
    now: at(0),
    ...(asked && { nonces: asked }),
    ath: await tokenHash(token),
  });

const askNonce = async () =>
  new Response('', {
    status: 401,
    headers: {
      'www-authenticate': 'DPoP error="use_dpop_nonce", algs="ES256 EdDSA"',
      'dpop-nonce': await nonces.issue(at(0)),
    },
  });

const post = { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' };
const claims = (proof: string) =>
  JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString());

describe('a narrowing fetch with a bound capability', () => {
  test('proves the key for this request and the narrowed token, not the wide one', async () => {
    const { arrived, narrowing } = wire();
    await narrowing(`${AUDIENCE}/mcp?x=1`, post);
    const [sent] = arrived;
    if (!sent) throw new Error('nothing was sent');
    expect(countBlocks(sent.token)).toBe(2);
    expect(await check(sent)).toMatchObject({ ok: true, value: { thumbprint: key.thumbprint } });
    expect(claims(sent.proof).ath).not.toBe(await tokenHash(WIDE));
    expect(claims(sent.proof).htu).toBe(`${AUDIENCE}/mcp`);
  });

  test('signs a new proof for every request, so that a retry is not a replay', async () => {
    const { arrived, narrowing } = wire();
    await narrowing(`${AUDIENCE}/mcp`, post);
    await narrowing(`${AUDIENCE}/mcp`, post);
    expect(new Set(arrived.map(({ proof }) => claims(proof).jti)).size).toBe(2);
  });

  test('repeats the request with the required nonce, and keeps it', async () => {
    const { arrived, narrowing } = wire(askNonce);
    expect((await narrowing(`${AUDIENCE}/mcp`, post)).status).toBe(200);
    await narrowing(`${AUDIENCE}/mcp`, post);
    const [first, second, third] = arrived;
    if (!first || !second || !third) throw new Error('it was not sent again');
    expect(arrived).toHaveLength(3);
    expect(claims(first.proof).nonce).toBeUndefined();
    for (const sent of [second, third]) expect((await check(sent, nonces)).ok).toBe(true);
    expect(second.body).toBe(post.body);
    expect(claims(second.proof).jti).not.toBe(claims(first.proof).jti);
  });

  test('takes a newer nonce from any answer', async () => {
    const { arrived, narrowing } = wire(
      () => new Response('done', { headers: { 'dpop-nonce': 'newer' } }),
    );
    await narrowing(`${AUDIENCE}/mcp`, post);
    await narrowing(`${AUDIENCE}/mcp`, post);
    expect(arrived.map(({ proof }) => claims(proof).nonce)).toEqual([undefined, 'newer']);
  });

  test('does not loop with a server that rejects every nonce', async () => {
    const { arrived, narrowing } = wire(askNonce, askNonce, askNonce);
    expect((await narrowing(`${AUDIENCE}/mcp`, post)).status).toBe(401);
    expect(arrived).toHaveLength(2);
    expect((await narrowing(`${AUDIENCE}/mcp`, post)).status).toBe(401);
    expect(arrived).toHaveLength(3); // The server would refuse the same nonce again.
  });

  test('does not repeat a request after another denial', async () => {
    const headers = { 'www-authenticate': 'DPoP error="invalid_token"', 'dpop-nonce': 'n' };
    const { arrived, narrowing } = wire(() => new Response('', { status: 401, headers }));
    expect((await narrowing(`${AUDIENCE}/mcp`, post)).status).toBe(401);
    expect(arrived).toHaveLength(1);
  });
});

describe('obtainCapability with a key', () => {
  const ISSUER = 'https://issuer.example';
  const detail = { workflow: 'wf_1', task: 'churn', grants: [] };

  const obtain = async (tokenType: string, first?: () => Promise<Response>, dpop = true) => {
    const proofs: (string | null)[] = [];
    const send = (async (input: Request | string, init?: RequestInit) => {
      const request = new Request(input, init);
      if (request.method === 'GET') {
        return Response.json({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
      }
      proofs.push(request.headers.get('dpop'));
      if (first && proofs.length === 1) return first();
      return Response.json({
        access_token: WIDE,
        token_type: tokenType,
        expires_in: 300,
        authorization_details: [detail],
      });
    }) as typeof fetch;
    const obtained = await obtainCapability({
      issuer: ISSUER,
      audience: AUDIENCE,
      subjectToken: 'a',
      actorToken: 'b',
      task: 'churn',
      grants: [],
      fetch: send,
      now: () => at(0),
      ...(dpop && { dpop: key }),
    });
    return { obtained, proofs };
  };

  const tokenRequest = { method: 'POST', url: `${ISSUER}/token`, now: at(0) };

  test('sends a proof for the token endpoint', async () => {
    const { obtained, proofs } = await obtain('DPoP');
    expect(obtained).toMatchObject({ ok: true, value: { token: WIDE, holder: key } });
    expect((await checkProof(proofs[0] ?? '', tokenRequest)).ok).toBe(true);
  });

  test('repeats the request if the issuer requires a nonce', async () => {
    const { obtained, proofs } = await obtain('DPoP', async () =>
      Response.json(
        { error: 'use_dpop_nonce' },
        { status: 400, headers: { 'dpop-nonce': await nonces.issue(at(0)) } },
      ),
    );
    expect(obtained.ok).toBe(true);
    expect(proofs).toHaveLength(2);
    expect((await checkProof(proofs[1] ?? '', { ...tokenRequest, nonces })).ok).toBe(true);
  });

  test('does not repeat another refusal, even if it has a nonce', async () => {
    const { obtained, proofs } = await obtain('DPoP', async () =>
      Response.json({ error: 'access_denied' }, { status: 400, headers: { 'dpop-nonce': 'n' } }),
    );
    expect(obtained).toMatchObject({ error: { code: 'refused', error: 'access_denied' } });
    expect(proofs).toHaveLength(1);
  });

  test('rejects an unbound token, and a bound token that was not requested', async () => {
    expect((await obtain('Bearer')).obtained).toMatchObject({ error: { code: 'not_bound' } });
    const unasked = await obtain('DPoP', undefined, false);
    expect(unasked.obtained).toMatchObject({ error: { code: 'not_bound' } });
    expect(unasked.proofs).toEqual([null]);
  });
});
