import { describe, expect, test } from 'vitest';
import { bearerToken, type Denial, denialResponse, toWire } from '../../../src/verifier/index.ts';

const SECRET = 'EsUBCg-secret';

/** One of each; a new code does not compile until it stands here. Its data is what must not show. */
const EVERY: { readonly [Code in Denial['code']]: Extract<Denial, { readonly code: Code }> } = {
  token_missing: { code: 'token_missing' },
  token_too_large: { code: 'token_too_large' },
  token_malformed: { code: 'token_malformed', why: SECRET },
  signature_invalid: { code: 'signature_invalid', why: SECRET },
  token_over_limit: { code: 'token_over_limit', limit: SECRET },
  token_execution: { code: 'token_execution', error: SECRET },
  authority_invalid: { code: 'authority_invalid', fact: SECRET, why: SECRET },
  grants_count: { code: 'grants_count', count: 4711 },
  issuer_mismatch: { code: 'issuer_mismatch', issuer: SECRET },
  audience_mismatch: { code: 'audience_mismatch', audience: SECRET },
  issued_in_future: { code: 'issued_in_future', seconds: 4711 },
  expired: { code: 'expired', block: 4711, source: SECRET },
  revoked: { code: 'revoked', by: 'workflow', id: SECRET },
  suspended: { code: 'suspended', id: SECRET },
  tool_denied: { code: 'tool_denied', tool: SECRET },
  tier_unknown: { code: 'tier_unknown' },
  head_missing: { code: 'head_missing' },
  head_stale: { code: 'head_stale', ageSeconds: 4711, boundSeconds: 4711 },
  holder_unproven: { code: 'holder_unproven' },
  proof_missing: { code: 'proof_missing' },
  proof_invalid: { code: 'proof_invalid', why: 'signature_invalid' },
  nonce_required: { code: 'nonce_required' },
  name_invalid: { code: 'name_invalid', kind: 'tool', why: SECRET },
  arguments_invalid: { code: 'arguments_invalid', pointer: SECRET, why: SECRET },
  dataset_missing: { code: 'dataset_missing' },
  datasets_count: { code: 'datasets_count', count: 4711 },
  no_grant: { code: 'no_grant', tool: SECRET, action: 'read', dataset: SECRET },
  caveat_failed: { code: 'caveat_failed', fact: SECRET, block: 3, check: 4711, source: SECRET },
  constraint_failed: {
    code: 'constraint_failed',
    tool: SECRET,
    pointer: '/to',
    block: 0,
    check: 4711,
    source: 'check if arg("/to", "bob@acme.example")',
  },
};
const denials = Object.entries(EVERY) as [Denial['code'], Denial][];

describe('every denial has a wire form:', () => {
  test.each(denials)('%s tells a stranger nothing', async (code, denial) => {
    const wire = toWire(denial);
    expect(wire).toMatchObject({ code, message: expect.stringMatching(/^[A-Z][^\n"\\]+\.$/) });
    const response = denialResponse(denial, 'crm.example');
    const seen = JSON.stringify([await response.json(), [...response.headers]]);
    expect(seen).not.toContain(SECRET);
    expect(seen).not.toContain('4711');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('what an agent is told names the argument, whose rule it is, and what the rule asks', async () => {
    const told = await denialResponse(EVERY.constraint_failed, 'crm.example').json();
    expect(told).toEqual({
      error: 'insufficient_scope',
      code: 'constraint_failed',
      message: "The argument /to is not what the policy allows: it must be 'bob@acme.example'.",
      argument: '/to',
      block: 0,
      rule: 'check if arg("/to", "bob@acme.example")',
    });
    const caveat = { ...EVERY.caveat_failed, pointer: '/to' };
    expect(await denialResponse(caveat, 'crm.example').json()).toMatchObject({
      message: 'The token is narrowed to another call.',
      argument: '/to',
      block: 3,
    });
  });

  test.each(['/a"b', '/a\r\nx: y', '/\u{1F600}', `/${'x'.repeat(500)}`, '/\ud800'])(
    'the name %j of an argument cannot spoil the header',
    async (pointer) => {
      const denial = { ...EVERY.constraint_failed, pointer, source: 'x'.repeat(9_000) };
      const response = denialResponse(denial, 'crm.example');
      expect(response.headers.get('www-authenticate')).toContain(
        'error_description="An argument is not what the policy allows."',
      );
      const body = (await response.json()) as { argument: string; rule: string };
      expect(body.argument.isWellFormed()).toBe(true);
      expect(body.rule.length).toBeLessThanOrEqual(512);
    },
  );

  test.each<[number, string, readonly Denial['code'][]]>([
    [400, 'invalid_request', ['name_invalid', 'arguments_invalid', 'datasets_count']],
    [
      403,
      'insufficient_scope',
      ['no_grant', 'caveat_failed', 'constraint_failed', 'dataset_missing', 'tool_denied'],
    ],
    [503, 'temporarily_unavailable', ['tier_unknown', 'head_missing', 'head_stale']],
  ])('%d %s', (status, error, codes) => {
    for (const [code, denial] of denials) {
      const mine = codes.includes(code);
      expect(toWire(denial).status === status, code).toBe(mine);
      if (mine) expect(toWire(denial).error).toBe(error);
    }
  });

  test.each<[string, readonly Denial['code'][]]>([
    ['invalid_dpop_proof', ['proof_missing', 'proof_invalid']],
    ['use_dpop_nonce', ['nonce_required']],
  ])('401 %s, by RFC 9449 section 7.1', (error, codes) => {
    for (const code of codes) {
      expect(toWire(EVERY[code])).toMatchObject({ status: 401, error });
      expect(denialResponse(EVERY[code], 'x').headers.get('www-authenticate')).toMatch(
        new RegExp(`^DPoP error="${error}", .*algs="ES256 EdDSA"$`),
      );
    }
  });

  test('every other says 401 invalid_token', () => {
    const ofProofs = ['invalid_dpop_proof', 'use_dpop_nonce'];
    const rest = denials
      .map(([, denial]) => toWire(denial))
      .filter(({ status, error }) => status === 401 && !ofProofs.includes(error));
    expect(rest).toHaveLength(15);
    for (const { error } of rest) expect(error).toBe('invalid_token');
  });
});

describe('RFC 6750 section 3', () => {
  const challenge = (denial: Denial) =>
    denialResponse(denial, 'crm.example').headers.get('www-authenticate');

  test('a request without a token is told the scheme and no error', () => {
    expect(challenge(EVERY.token_missing)).toBe('Bearer realm="crm.example"');
  });

  test('a bad token and a narrow one are told theirs', () => {
    expect(challenge(EVERY.expired)).toBe(
      'Bearer realm="crm.example", error="invalid_token", ' +
        'error_description="The token is not valid at this time."',
    );
    expect(challenge(EVERY.no_grant)).toContain('error="insufficient_scope"');
  });

  test('a bound token that came as a bearer token is told the scheme of RFC 9449', () => {
    expect(challenge(EVERY.holder_unproven)).toBe(
      'DPoP error="invalid_token", error_description="The token is bound to a key.", ' +
        'algs="ES256 EdDSA"',
    );
  });

  test('who came with a proof is answered in that scheme', () => {
    const { headers } = denialResponse(EVERY.expired, 'crm.example', 'DPoP');
    expect(headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_token", /);
  });

  test('what is not the token’s fault brings no challenge', () => {
    expect(challenge(EVERY.name_invalid)).toBeNull();
    expect(challenge(EVERY.head_stale)).toBeNull();
    expect(denialResponse(EVERY.head_stale, 'x').headers.get('retry-after')).toBe('1');
  });
});

describe('the bearer token', () => {
  test.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    ['Bearer a b', 'a b'], // Denied as malformed, not as missing.
    ['Bearer a, Bearer b', 'a, Bearer b'],
    ['Basic abc', ''],
    ['Bearer', ''],
    ['Bearerabc', ''],
    ['DPoP abc', ''],
    ['', ''],
  ])('of %j is %j', (authorization, token) => {
    expect(bearerToken(new Headers({ authorization }))).toBe(token);
  });

  test('of two headers is not one of them', () => {
    const headers = new Headers([
      ['authorization', 'Bearer a'],
      ['authorization', 'Bearer b'],
    ]);
    expect(bearerToken(headers)).toBe('a, Bearer b');
  });
});
