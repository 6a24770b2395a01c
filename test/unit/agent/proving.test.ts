import { describe, expect, test } from 'vitest';
import { createDpopKey, narrowingFetch, obtainCapability } from '../../../src/agent/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { checkProof, createNonces, tokenHash } from '../../../src/dpop/index.ts';
import { AUDIENCE, at, countBlocks, mintToken, must } from '../fixtures/issuer.ts';

const key = await createDpopKey();
const WIDE = mintToken({ holder: key.thumbprint });
const catalogue = must(
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

/** A resource server that answers as told, and what arrived at it. */
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

  test('signs anew for every request, so that no retry is a replay', async () => {
    const { arrived, narrowing } = wire();
    await narrowing(`${AUDIENCE}/mcp`, post);
    await narrowing(`${AUDIENCE}/mcp`, post);
    expect(new Set(arrived.map(({ proof }) => claims(proof).jti)).size).toBe(2);
  });

  test('sends once more with the nonce that it was asked for, and keeps it', async () => {
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

  test('takes the newer nonce of an answer that asked for none', async () => {
    const { arrived, narrowing } = wire(
      () => new Response('done', { headers: { 'dpop-nonce': 'newer' } }),
    );
    await narrowing(`${AUDIENCE}/mcp`, post);
    await narrowing(`${AUDIENCE}/mcp`, post);
    expect(arrived.map(({ proof }) => claims(proof).nonce)).toEqual([undefined, 'newer']);
  });

  test('does not go round in circles with a server that is never content', async () => {
    const { arrived, narrowing } = wire(askNonce, askNonce, askNonce);
    expect((await narrowing(`${AUDIENCE}/mcp`, post)).status).toBe(401);
    expect(arrived).toHaveLength(2);
    expect((await narrowing(`${AUDIENCE}/mcp`, post)).status).toBe(401);
    expect(arrived).toHaveLength(3); // The same nonce again would be refused again.
  });

  test('repeats no denial of another kind', async () => {
    const headers = { 'www-authenticate': 'DPoP error="invalid_token"', 'dpop-nonce': 'n' };
    const { arrived, narrowing } = wire(() => new Response('', { status: 401, headers }));
    expect((await narrowing(`${AUDIENCE}/mcp`, post)).status).toBe(401);
    expect(arrived).toHaveLength(1);
  });
});

describe('a capability is obtained for a key', () => {
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

  test('with a proof for the token endpoint', async () => {
    const { obtained, proofs } = await obtain('DPoP');
    expect(obtained).toMatchObject({ ok: true, value: { token: WIDE, holder: key } });
    expect((await checkProof(proofs[0] ?? '', tokenRequest)).ok).toBe(true);
  });

  test('with one more request where the issuer asks for a nonce', async () => {
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

  test('and a refusal of another kind is not repeated, whatever nonce it brings', async () => {
    const { obtained, proofs } = await obtain('DPoP', async () =>
      Response.json({ error: 'access_denied' }, { status: 400, headers: { 'dpop-nonce': 'n' } }),
    );
    expect(obtained).toMatchObject({ error: { code: 'refused', error: 'access_denied' } });
    expect(proofs).toHaveLength(1);
  });

  test('and one that is bound to none is not used instead, nor one that nobody asked for', async () => {
    expect((await obtain('Bearer')).obtained).toMatchObject({ error: { code: 'not_bound' } });
    const unasked = await obtain('DPoP', undefined, false);
    expect(unasked.obtained).toMatchObject({ error: { code: 'not_bound' } });
    expect(unasked.proofs).toEqual([null]);
  });
});
