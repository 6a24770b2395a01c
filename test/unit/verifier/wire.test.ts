import { describe, expect, expectTypeOf, test } from 'vitest';
import { VERIFIER_DENIALS, type VerifierDenialCode } from '../../../src/denials/index.ts';
import { bearerToken, type Denial, denialResponse, toWire } from '../../../src/verifier/index.ts';

const SECRET = 'EsUBCg-secret';

const RULE = 'check if arg("/to", "bob@acme.example")';

/** Data of denials that must not reach the caller. */
const TEXTS = ['why', 'limit', 'error', 'fact', 'issuer', 'audience', 'id', 'tool', 'dataset'];
const NUMBERS = ['count', 'seconds', 'check', 'ageSeconds', 'boundSeconds'];
const DATA = Object.fromEntries([
  ...TEXTS.map((member) => [member, SECRET]),
  ...NUMBERS.map((member) => [member, 4711]),
]);

/** A denial with every kind of data that denials have. */
const sample = (code: VerifierDenialCode): Denial => {
  const data = { ...DATA, code, block: 3, source: SECRET };
  const shown = code === 'constraint_failed' ? { block: 0, pointer: '/to', source: RULE } : {};
  return { ...data, ...shown } as unknown as Denial;
};
const denials = (Object.keys(VERIFIER_DENIALS) as VerifierDenialCode[]).map(
  (code) => [code, sample(code)] as const,
);

test('the table has exactly the codes that denials carry', () => {
  expectTypeOf<VerifierDenialCode>().toEqualTypeOf<Denial['code']>();
  expect(denials.length).toBeGreaterThan(28);
});

describe('the wire form of every denial:', () => {
  test.each(denials)('%s reveals nothing to a stranger', async (code, denial) => {
    const wire = toWire(denial);
    expect(wire).toMatchObject({ code, message: expect.stringMatching(/^[A-Z][^\n"\\]+\.$/) });
    const response = denialResponse(denial, 'crm.example');
    const seen = JSON.stringify([await response.json(), [...response.headers]]);
    expect(seen).not.toContain(SECRET);
    expect(seen).not.toContain('4711');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('names the argument, the owner of the rule, and what the rule requires', async () => {
    const answer = await denialResponse(sample('constraint_failed'), 'crm.example').json();
    expect(answer).toEqual({
      error: 'insufficient_scope',
      code: 'constraint_failed',
      message: "The policy does not allow argument /to: it must be 'bob@acme.example'.",
      argument: '/to',
      block: 0,
      rule: 'check if arg("/to", "bob@acme.example")',
    });
    const caveat = { ...sample('caveat_failed'), pointer: '/to' };
    expect(await denialResponse(caveat, 'crm.example').json()).toMatchObject({
      message: 'The token is narrowed to another call.',
      argument: '/to',
      block: 3,
    });
  });

  test.each(['/a"b', '/a\r\nx: y', '/\u{1F600}', `/${'x'.repeat(500)}`, '/\ud800'])(
    'the argument name %j cannot break the header',
    async (pointer) => {
      const denial = { ...sample('constraint_failed'), pointer, source: 'x'.repeat(9_000) };
      const response = denialResponse(denial, 'crm.example');
      expect(response.headers.get('www-authenticate')).toContain(
        'error_description="The policy does not allow an argument."',
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
    for (const code of codes) expect(toWire(sample(code)), code).toMatchObject({ status, error });
  });

  test('each status has its OAuth errors', () => {
    const errors: Readonly<Record<number, readonly string[]>> = {
      400: ['invalid_request'],
      401: ['invalid_token', 'invalid_dpop_proof', 'use_dpop_nonce'],
      403: ['insufficient_scope'],
      413: ['invalid_request'],
      415: ['invalid_request'],
      503: ['temporarily_unavailable'],
    };
    for (const [code, denial] of denials) {
      const { status, error } = toWire(denial);
      expect(errors[status], code).toContain(error);
    }
  });

  test.each<[string, readonly Denial['code'][]]>([
    ['invalid_dpop_proof', ['proof_missing', 'proof_invalid']],
    ['use_dpop_nonce', ['nonce_required']],
  ])('401 %s, by RFC 9449 section 7.1', (error, codes) => {
    for (const code of codes) {
      expect(toWire(sample(code))).toMatchObject({ status: 401, error });
      expect(denialResponse(sample(code), 'x').headers.get('www-authenticate')).toMatch(
        new RegExp(`^DPoP error="${error}", .*algs="ES256 EdDSA"$`),
      );
    }
  });
});

describe('RFC 6750 section 3', () => {
  const challenge = (denial: Denial) =>
    denialResponse(denial, 'crm.example').headers.get('www-authenticate');

  test('a request without a token gets the scheme and no error', () => {
    expect(challenge(sample('token_missing'))).toBe('Bearer realm="crm.example"');
  });

  test('an invalid token and a narrow one get their errors', () => {
    expect(challenge(sample('expired'))).toBe(
      'Bearer realm="crm.example", error="invalid_token", ' +
        'error_description="The token is not valid at this time."',
    );
    expect(challenge(sample('no_grant'))).toContain('error="insufficient_scope"');
  });

  test('a bound token sent as a bearer token gets the scheme of RFC 9449', () => {
    expect(challenge(sample('holder_unproven'))).toBe(
      'DPoP error="invalid_token", error_description="The token is bound to a key that the request does not prove.", ' +
        'algs="ES256 EdDSA"',
    );
  });

  test('a request with a proof is answered in the DPoP scheme', () => {
    const { headers } = denialResponse(sample('expired'), 'crm.example', 'DPoP');
    expect(headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_token", /);
  });

  test('a denial that is not about the token has no challenge', () => {
    expect(challenge(sample('name_invalid'))).toBeNull();
    expect(challenge(sample('head_stale'))).toBeNull();
    expect(denialResponse(sample('head_stale'), 'x').headers.get('retry-after')).toBe('1');
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

  test('of two headers is neither of them', () => {
    const headers = new Headers([
      ['authorization', 'Bearer a'],
      ['authorization', 'Bearer b'],
    ]);
    expect(bearerToken(headers)).toBe('a, Bearer b');
  });
});
