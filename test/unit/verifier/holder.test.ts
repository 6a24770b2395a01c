import { describe, expect, test } from 'vitest';
import { createDpopKey, createNonces, signProof } from '../../../src/dpop/index.ts';
import { ok } from '../../../src/result.ts';
import { guard, readCredentials, type VerifierOptions } from '../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, appendSource, at, mintToken, narrowed } from '../fixtures/issuer.ts';

/** Proofs of possession at a verifier in front of a Fetch handler. */
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

describe('a capability bound to a key', () => {
  test('is valid with a fresh proof, both wide and narrowed', async () => {
    expect(await code({ authorization: `DPoP ${bound}`, dpop: await sign(bound) })).toBe('allowed');
    const step = await narrowed(bound, { tool: 'crm.search' });
    expect(await code({ authorization: `DPoP ${step}`, dpop: await sign(step) })).toBe('allowed');
  });

  test('is denied as a bearer token, with the challenge of RFC 9449', async () => {
    const { code, response } = await server()({ authorization: `Bearer ${bound}` });
    expect([code, response.status]).toEqual(['holder_unproven', 401]);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^DPoP error="invalid_token", .*algs="ES256 EdDSA"$/,
    );
  });

  test('is denied with the proof of another key', async () => {
    const dpop = await sign(bound, {}, await createDpopKey('EdDSA'));
    expect(await code({ authorization: `DPoP ${bound}`, dpop })).toBe('holder_unproven');
  });

  test('cannot be bound to another key by a later block', async () => {
    const thief = await createDpopKey();
    const token = appendSource(bound, `holder("${thief.thumbprint}")`);
    const dpop = await sign(token, {}, thief);
    expect(await code({ authorization: `DPoP ${token}`, dpop })).toBe('holder_unproven');
  });

  test('is denied with a proof for the token from which it was narrowed', async () => {
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
  ])('is denied with a proof for %s', async (_, changes) => {
    const dpop = await sign(bound, changes);
    expect(await code({ authorization: `DPoP ${bound}`, dpop })).toBe('proof_invalid');
  });

  test('needs a proof for the verifier’s own origin, whatever the Host header says', async () => {
    const elsewhere = 'https://evil.example/search';
    const own = { authorization: `DPoP ${bound}`, dpop: await sign(bound) };
    expect(await code(own, elsewhere)).toBe('allowed');
    const lured = { ...own, dpop: await sign(bound, { url: elsewhere }) };
    expect(await code(lured, elsewhere)).toBe('proof_invalid');
  });

  test('cannot be used with a captured request; a retry signs a new proof', async () => {
    const send = server();
    const overheard = { authorization: `DPoP ${bound}`, dpop: await sign(bound) };
    expect((await send(overheard)).code).toBe('allowed');
    expect((await send(overheard)).code).toBe('proof_invalid');
    expect((await send({ ...overheard, dpop: await sign(bound) })).code).toBe('allowed');
  });

  test('may be narrowed to its own key', async () => {
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

describe('a bad proof is never treated as a missing one:', () => {
  const malformed = ['garbage', 'a.b.c', 'null', '{}', 'x'.repeat(5_000)];

  test.each(malformed)('a malformed proof: %#', async (dpop) => {
    for (const token of [bound, unbound]) {
      expect(await code({ authorization: `DPoP ${token}`, dpop })).toBe('proof_invalid');
      expect(await code({ authorization: `Bearer ${token}`, dpop })).toBe('proof_invalid');
    }
  });

  test('an empty or missing header in the DPoP scheme', async () => {
    for (const token of [bound, unbound]) {
      expect(await code({ authorization: `DPoP ${token}` })).toBe('proof_missing');
      expect(await code({ authorization: `DPoP ${token}`, dpop: '' })).toBe('proof_missing');
    }
  });

  test('an empty header, or a valid proof, beside a bearer token', async () => {
    for (const token of [bound, unbound]) {
      expect(await code({ authorization: `Bearer ${token}`, dpop: '' })).toBe('proof_invalid');
      const dpop = await sign(token);
      expect(await code({ authorization: `Bearer ${token}`, dpop })).toBe('proof_invalid');
    }
  });

  test('an invalid proof beside an unbound token', async () => {
    const authorization = `DPoP ${unbound}`;
    expect(await code({ authorization, dpop: await sign(unbound) })).toBe('allowed');
    expect(await code({ authorization, dpop: await sign(bound) })).toBe('proof_invalid');
  });

  test('two proofs', async () => {
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

  test('the record names the workflow, and has no byte of the proof', async () => {
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

  test('a caller without a capability cannot make us check or remember a proof', async () => {
    const dpop = await sign('no-token');
    expect(await code({ authorization: 'DPoP no-token', dpop })).toBe('token_malformed');
  });
});

describe('a verifier that requires nonces', () => {
  const nonces = createNonces(new Uint8Array(32).fill(7));
  const authorization = `DPoP ${bound}`;

  test('sends the nonce, and accepts a proof that has it', async () => {
    const send = server({ nonces });
    const challenged = await send({ authorization, dpop: await sign(bound) });
    expect([challenged.code, challenged.response.status]).toEqual(['nonce_required', 401]);
    expect(challenged.response.headers.get('www-authenticate')).toContain('error="use_dpop_nonce"');
    const nonce = challenged.response.headers.get('dpop-nonce') ?? '';
    const answered = await send({ authorization, dpop: await sign(bound, { nonce }) });
    expect(answered.code).toBe('allowed');
    expect(answered.response.headers.get('dpop-nonce')).toBe(nonce);
  });

  test('rejects a nonce of another server, and an old one', async () => {
    const other = createNonces(new Uint8Array(32).fill(8));
    for (const nonce of [await other.issue(at(1)), await nonces.issue(at(-180))]) {
      const dpop = await sign(bound, { nonce });
      expect((await server({ nonces })({ authorization, dpop })).code).toBe('nonce_required');
    }
  });

  test('requires no nonce with an unbound bearer token', async () => {
    const answer = await server({ nonces })({ authorization: `Bearer ${unbound}` });
    expect(answer.code).toBe('allowed');
  });
});
