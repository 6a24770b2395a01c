import { describe, expect, test } from 'vitest';
import { createDpopKey, createNonces, signProof } from '../../../src/dpop/index.ts';
import { ok } from '../../../src/result.ts';
import { guard, readCredentials, type VerifierOptions } from '../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, appendSource, at, mintToken, narrowed } from '../fixtures/issuer.ts';

/** STANDARDS.md, negative tests 13 and 16, at a verifier that stands in front of a Fetch handler. */
const key = await createDpopKey();
const bound = mintToken({ holder: key.thumbprint });
const unbound = mintToken();
const URL_ = `${AUDIENCE}/search`;

const sign = (token: string, changes: Partial<Parameters<typeof signProof>[1]> = {}, by = key) =>
  signProof(by, { method: 'GET', url: URL_, now: at(1), token, ...changes });

type Sent = Readonly<Record<string, string>>;

function server(options: Partial<VerifierOptions> = {}) {
  const verifier = verifierWith(options);
  const handler = guard<[]>({
    verifier,
    describe: async () => ok(CALL),
    handle: async () => new Response('done'),
  });
  return async (headers: Sent, url = URL_) => {
    const response = await handler(new Request(url, { headers }));
    const { code } = response.ok ? { code: 'allowed' } : ((await response.json()) as Sent);
    return { code, response };
  };
}
const code = async (headers: Sent, url?: string) => (await server()(headers, url)).code;

describe('a capability that is bound to a key', () => {
  test('is good with a fresh proof, whole and narrowed', async () => {
    expect(await code({ authorization: `DPoP ${bound}`, dpop: await sign(bound) })).toBe('allowed');
    const step = await narrowed(bound, { tool: 'crm.search' });
    expect(await code({ authorization: `DPoP ${step}`, dpop: await sign(step) })).toBe('allowed');
  });

  test('presented as a bearer token is refused, with the challenge of RFC 9449', async () => {
    const { code, response } = await server()({ authorization: `Bearer ${bound}` });
    expect([code, response.status]).toEqual(['holder_unproven', 401]);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^DPoP error="invalid_token", .*algs="ES256 EdDSA"$/,
    );
  });

  test('is refused with the proof of another key', async () => {
    const dpop = await sign(bound, {}, await createDpopKey('EdDSA'));
    expect(await code({ authorization: `DPoP ${bound}`, dpop })).toBe('holder_unproven');
  });

  test('cannot be re-bound by who has it: a later holder fact is not believed', async () => {
    const thief = await createDpopKey();
    const token = appendSource(bound, `holder("${thief.thumbprint}")`);
    const dpop = await sign(token, {}, thief);
    expect(await code({ authorization: `DPoP ${token}`, dpop })).toBe('holder_unproven');
  });

  test('is refused with a proof for the token that it was narrowed from', async () => {
    const step = await narrowed(bound, { tool: 'crm.search' });
    const { code, response } = await server()({
      authorization: `DPoP ${step}`,
      dpop: await sign(bound),
    });
    expect([code, response.status]).toEqual(['proof_invalid', 401]);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_dpop_proof"');
  });

  test.each<[string, Parameters<typeof sign>[1]]>([
    ['another method', { method: 'POST' }],
    ['another path', { url: `${AUDIENCE}/export` }],
    ['another server', { url: 'https://evil.example/search' }],
    ['another time', { now: at(302) }],
  ])('is refused with a proof for %s', async (_, changes) => {
    const dpop = await sign(bound, changes);
    expect(await code({ authorization: `DPoP ${bound}`, dpop })).toBe('proof_invalid');
  });

  test('a proof is for the verifier’s own origin, whatever Host a request names', async () => {
    const elsewhere = 'https://evil.example/search';
    const own = { authorization: `DPoP ${bound}`, dpop: await sign(bound) };
    expect(await code(own, elsewhere)).toBe('allowed');
    const lured = { ...own, dpop: await sign(bound, { url: elsewhere }) };
    expect(await code(lured, elsewhere)).toBe('proof_invalid');
  });

  test('a request that was overheard cannot be sent again; a retry signs anew', async () => {
    const send = server();
    const overheard = { authorization: `DPoP ${bound}`, dpop: await sign(bound) };
    expect((await send(overheard)).code).toBe('allowed');
    expect((await send(overheard)).code).toBe('proof_invalid');
    expect((await send({ ...overheard, dpop: await sign(bound) })).code).toBe('allowed');
  });

  test('may be narrowed to its key, which is a fact of the call', async () => {
    const check = (holder: string) => appendSource(unbound, `check if holder("${holder}")`);
    for (const [token, verdict] of [
      [check(key.thumbprint), 'allowed'],
      [check('b'.repeat(43)), 'caveat_failed'],
    ] as const) {
      const dpop = await sign(token);
      expect(await code({ authorization: `DPoP ${token}`, dpop })).toBe(verdict);
    }
  });
});

describe('a proof is never taken for none supplied', () => {
  const malformed = ['garbage', 'a.b.c', 'null', '{}', 'x'.repeat(5_000)];

  test.each(malformed)('a malformed one: %#', async (dpop) => {
    for (const token of [bound, unbound]) {
      expect(await code({ authorization: `DPoP ${token}`, dpop })).toBe('proof_invalid');
      expect(await code({ authorization: `Bearer ${token}`, dpop })).toBe('proof_invalid');
    }
  });

  test('an empty header, or none, under the scheme that promises one', async () => {
    for (const token of [bound, unbound]) {
      expect(await code({ authorization: `DPoP ${token}` })).toBe('proof_missing');
      expect(await code({ authorization: `DPoP ${token}`, dpop: '' })).toBe('proof_missing');
    }
  });

  test('an empty header, or a good proof, beside a bearer token', async () => {
    for (const token of [bound, unbound]) {
      expect(await code({ authorization: `Bearer ${token}`, dpop: '' })).toBe('proof_invalid');
      const dpop = await sign(token);
      expect(await code({ authorization: `Bearer ${token}`, dpop })).toBe('proof_invalid');
    }
  });

  test('with a token that is bound to no key, the proof must hold all the same', async () => {
    const authorization = `DPoP ${unbound}`;
    expect(await code({ authorization, dpop: await sign(unbound) })).toBe('allowed');
    expect(await code({ authorization, dpop: await sign(bound) })).toBe('proof_invalid');
  });

  test('two proofs are none', async () => {
    const request = new Request(URL_, {
      headers: [
        ['authorization', `DPoP ${bound}`],
        ['dpop', await sign(bound)],
        ['dpop', await sign(bound)],
      ],
    });
    const { token, proof } = readCredentials(request);
    const decision = await verifierWith().verify(token, { ...CALL, ...(proof && { proof }) });
    expect(decision).toMatchObject({ denial: { code: 'proof_invalid', why: 'proof_malformed' } });
  });

  test('and the record names the workflow that tried, and holds no byte of it', async () => {
    const dpop = await sign(bound, { method: 'POST' });
    const headers = { authorization: `DPoP ${bound}`, dpop };
    const { token, proof } = readCredentials(new Request(URL_, { headers }));
    const decision = await verifierWith().verify(token, { ...CALL, ...(proof && { proof }) });
    expect(decision).toMatchObject({
      denial: { code: 'proof_invalid', why: 'method_mismatch' },
      evidence: { workflow: 'wf_1' },
    });
    expect(JSON.stringify(decision)).not.toContain(dpop.slice(0, 24));
  });

  test('a stranger without a capability makes us judge and remember none', async () => {
    const dpop = await sign('no-token');
    expect(await code({ authorization: 'DPoP no-token', dpop })).toBe('token_malformed');
  });
});

describe('a verifier that asks for nonces', () => {
  const nonces = createNonces(new Uint8Array(32).fill(7));
  const authorization = `DPoP ${bound}`;

  test('tells the nonce, and takes a proof with it', async () => {
    const send = server({ nonces });
    const asked = await send({ authorization, dpop: await sign(bound) });
    expect([asked.code, asked.response.status]).toEqual(['nonce_required', 401]);
    expect(asked.response.headers.get('www-authenticate')).toContain('error="use_dpop_nonce"');
    const nonce = asked.response.headers.get('dpop-nonce') ?? '';
    const answered = await send({ authorization, dpop: await sign(bound, { nonce }) });
    expect(answered.code).toBe('allowed');
    expect(answered.response.headers.get('dpop-nonce')).toBe(nonce);
  });

  test('takes no nonce of another server, and none that is old', async () => {
    const other = createNonces(new Uint8Array(32).fill(8));
    for (const nonce of [await other.issue(at(1)), await nonces.issue(at(-180))]) {
      const dpop = await sign(bound, { nonce });
      expect((await server({ nonces })({ authorization, dpop })).code).toBe('nonce_required');
    }
  });

  test('asks nothing of a bearer token that is bound to no key', async () => {
    const answer = await server({ nonces })({ authorization: `Bearer ${unbound}` });
    expect(answer.code).toBe('allowed');
  });
});
