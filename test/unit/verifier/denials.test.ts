import { describe, expect, test } from 'vitest';
import type { Denial, VerifyRequest } from '../../../src/verifier/index.ts';
import { CALL, fixedFeed, verifierWith } from '../fixtures/feed.ts';
import {
  AUDIENCE,
  AUTHORITY_LINES,
  appendSource,
  at,
  issuerKey,
  mintSource,
  mintToken,
  narrowed,
  opened,
  otherKey,
} from '../fixtures/issuer.ts';
import { code, denial, flipped, HOLDER, honest } from './denial.ts';

test('allows a valid call, with the evidence for its record', async () => {
  const { revocationIds } = await opened(honest);
  expect(await verifierWith().verify(honest, CALL)).toEqual({
    allowed: true,
    stale: false,
    evidence: {
      tool: 'crm.search',
      action: 'read',
      datasets: ['crm/contacts/eu'],
      tier: 1,
      workflow: 'wf_1',
      agent: 'spiffe://acme.example/agents/analyst',
      revocationIds,
      subject: 'user:alice@acme.example',
      owner: 'team:growth',
      task: 'quarterly churn report',
      head: { epoch: 1, seq: 7, ageSeconds: 0 },
    },
  });
});

describe('token_missing:', () => {
  test('no token', async () => expect(await code('')).toBe('token_missing'));
});

describe('token_too_large:', () => {
  test('over 8 KiB, before anything is parsed', async () => {
    expect(await code('A'.repeat(8 * 1024 + 1))).toBe('token_too_large');
    expect(await code('A'.repeat(8 * 1024))).toBe('token_malformed');
  });
});

describe('token_malformed:', () => {
  test.each([
    'x',
    'a.b.c',
    'not a token',
    '=',
    'é',
    '\0',
    `${honest} `,
    `${honest}\n`,
    '..',
    'AAAA',
  ])('%j', async (text) => expect(await code(text)).toBe('token_malformed'));

  test('truncated at any of its characters', async () => {
    for (let length = 1; length < honest.length; length += 7) {
      expect(['token_malformed', 'signature_invalid']).toContain(
        await code(honest.slice(0, length)),
      );
    }
  });
});

describe('signature_invalid:', () => {
  test('another key', async () => {
    expect(await code(honest, {}, { keys: [otherKey] })).toBe('signature_invalid');
    expect(await code(honest, {}, { keys: [] })).toBe('signature_invalid');
    expect(await code(honest, {}, { keys: [otherKey, issuerKey] })).toBe('allowed');
  });

  test('any flipped bit', async () => {
    for (let index = 0; index < honest.length; index += 5) {
      expect(['token_malformed', 'signature_invalid']).toContain(
        await code(flipped(honest, index)),
      );
    }
  });

  test('the authority block of one token with the blocks of another', async () => {
    const bytes = Buffer.from(honest, 'base64url');
    const richer = Buffer.from(mintToken({ subject: 'user:a11ce@acme.example' }), 'base64url');
    expect(richer).toHaveLength(bytes.length);
    richer.copy(bytes, 0, 0, bytes.length - 110);
    expect(['token_malformed', 'signature_invalid']).toContain(
      await code(bytes.toString('base64url')),
    );
  });
});

describe('token_over_limit:', () => {
  test('17 blocks, but not 16', async () => {
    let token = honest;
    for (let blocks = 2; blocks <= 16; blocks++) token = appendSource(token, 'check if true');
    expect(await code(token)).toBe('allowed');
    expect(await denial(appendSource(token, 'check if true'))).toEqual({
      code: 'token_over_limit',
      limit: 'blocksMax',
    });
  });
});

describe('token_execution:', () => {
  test('a check that cannot be evaluated', async () => {
    const token = appendSource(honest, 'check if 9223372036854775807 + 1 > 0');
    expect(await code(token)).toBe('token_execution');
  });
});

describe('authority_invalid:', () => {
  test('an authority without an owner', async () => {
    const lines = AUTHORITY_LINES.filter((line) => !line.startsWith('owner'));
    expect(await denial(mintSource(`${lines.join(';')};`))).toMatchObject({
      code: 'authority_invalid',
      fact: 'owner',
    });
  });
});

describe('issuer_mismatch:', () => {
  test.each(['https://issuer.example/', 'https://evil.example', 'http://issuer.example'])(
    'a token of %s signed with the same key',
    async (issuer) => {
      expect(await denial(mintToken({ issuer }))).toEqual({ code: 'issuer_mismatch', issuer });
    },
  );
});

describe('audience_mismatch:', () => {
  test.each([`${AUDIENCE}/`, 'http://crm.example', 'https://crm.example:8443'])(
    'a token for %s',
    async (audience) => {
      expect(await denial(mintToken({ audience }))).toEqual({
        code: 'audience_mismatch',
        audience,
      });
    },
  );
});

describe('holder_unproven:', () => {
  const bound = mintToken({ holder: HOLDER });
  test('no proven key, or another one', async () => {
    expect(await code(bound)).toBe('holder_unproven');
    expect(await code(bound, { holder: `${HOLDER.slice(1)}b` })).toBe('holder_unproven');
    expect(await code(bound, { holder: HOLDER })).toBe('allowed');
  });
  test('a block that names its own holder', async () => {
    expect(await code(appendSource(bound, `holder("${'b'.repeat(43)}")`))).toBe('holder_unproven');
  });
});

describe('issued_in_future:', () => {
  test('by 61 s, but not by 60', async () => {
    const now = (offset: number) => ({ now: () => at(offset), feed: fixedFeed(offset) });
    expect(await denial(honest, {}, now(-61))).toEqual({ code: 'issued_in_future', seconds: 61 });
    expect(await code(honest, {}, now(-60))).toBe('allowed');
  });
});

describe('expired:', () => {
  test('at the second of its expiry, and not one before', async () => {
    const fresh = (offset: number) => code(honest, { tier: 0 }, { now: () => at(offset) });
    expect(await fresh(299.999)).toBe('allowed');
    expect(await fresh(300)).toBe('expired');
    expect(await fresh(301)).toBe('expired');
  });

  test('a narrowed token before the capability itself', async () => {
    const step = await narrowed(honest, { expires: new Date(at(30)) });
    expect(await denial(step, {}, { now: () => at(30) })).toMatchObject({
      code: 'expired',
      block: 1,
    });
    expect(await code(step, {}, { now: () => at(29) })).toBe('allowed');
  });
});

describe('no_grant:', () => {
  test.each<[string, Partial<VerifyRequest>]>([
    ['another tool', { tool: 'crm.export' }],
    ['a tool in another case', { tool: 'CRM.search' }],
    ['another action', { action: 'delete' }],
    ['the action of another grant', { action: 'write' }],
    ['a neighbouring dataset', { dataset: ['crm/contacts-archive'] }],
    ['a parent dataset', { dataset: ['crm'] }],
    ['one dataset of two', { dataset: ['crm/contacts/eu', 'hr/salaries'] }],
  ])('%s', async (_, call) => expect(await code(honest, call)).toBe('no_grant'));
});

describe('caveat_failed:', () => {
  test.each([
    ['tool', { tool: 'crm.other' }],
    ['action', { action: 'write' }],
    ['dataset', { dataset: 'crm/contacts/us' }],
    ['args_sha256', { args: { a: 1 } }],
    ['arg', { constraints: { '/a': { exact: 'x' } } }],
    ['arg_micros', { constraints: { '/a': { number: { max: 1 } } } }],
    ['audience', { audience: 'https://other.example' }],
    ['method', { method: 'GET' }],
    ['path', { path: '/v1' }],
  ] as const)('by %s', async (fact, cut) => {
    expect(await denial(await narrowed(honest, cut))).toMatchObject({
      code: 'caveat_failed',
      fact,
      block: 1,
      check: 0,
    });
  });
});

describe('the call itself:', () => {
  test.each<[Denial['code'], Partial<VerifyRequest>]>([
    ['name_invalid', { tool: 'crm\u200B.search' }],
    ['name_invalid', { action: 'admin' as never }],
    ['name_invalid', { dataset: ['crm/../hr'] }],
    ['name_invalid', { method: 'get' }],
    ['name_invalid', { path: '/a/../b' }],
    ['dataset_missing', { dataset: [] }],
    ['datasets_count', { dataset: Array(17).fill('crm/contacts') }],
    ['arguments_invalid', { args: { a: 0.1 + 0.2 } }],
    ['arguments_invalid', { args: { a: '\uD800' } }],
  ])('%s for %j', async (expected, call) => expect(await code(honest, call)).toBe(expected));

  test('accepts sixteen datasets in one call', async () => {
    const dataset = Array.from({ length: 16 }, (_, i) => `crm/contacts/${i}`);
    expect(await code(honest, { dataset })).toBe('allowed');
  });
});
