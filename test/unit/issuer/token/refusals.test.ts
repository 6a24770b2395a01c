import { describe, expect, test } from 'vitest';
import {
  entryOf,
  PRESENTED_TOKEN_REFUSALS,
  type RefusalEntry,
  TOKEN_REFUSALS,
  type TokenRefusal,
  toWire,
} from '../../../../workers/issuer/token/refusals/index.ts';

const PENDING = { id: 'apr_1', expiresIn: 600, interval: 5 };
const entries: readonly (readonly [string, RefusalEntry<never>])[] = [
  ...Object.entries(TOKEN_REFUSALS),
  ...Object.entries(PRESENTED_TOKEN_REFUSALS),
];

describe('a refusal', () => {
  test.each(entries)('%s has a description that RFC 6749 section 5.2 allows', (_, entry) => {
    const { message, advice } = entry;
    const refusal = { parameter: 'scope', retryAfterSeconds: 7 } as never;
    expect(typeof message === 'string' ? message : message(refusal)).toMatch(
      /^[\x20\x21\x23-\x5b\x5d-\x7e]+\.?$/,
    );
    expect(advice).toMatch(/\.$/);
  });

  test('carries its own data to the caller', () => {
    expect(toWire({ code: 'parameter_missing', parameter: 'resource' })).toEqual({
      status: 400,
      headers: {},
      body: {
        error: 'invalid_request',
        error_description: 'The parameter resource is missing.',
      },
    });
    expect(toWire({ code: 'rate_limited', of: 'agent', retryAfterSeconds: 7 })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '7' },
    });
    expect(toWire({ code: 'approval_pending', ...PENDING }).body).toMatchObject({
      error: 'authorization_pending',
      auth_req_id: 'apr_1',
      expires_in: 600,
      interval: 5,
    });
    expect(toWire({ code: 'client_header_refused' }).headers).toEqual({
      'www-authenticate': 'Basic realm="hewn"',
    });
  });

  test('does not tell a caller why a workflow, an approval or an assertion is refused', () => {
    const groups: readonly (readonly TokenRefusal[])[] = [
      [
        { code: 'workflow_foreign', cause: 'agent' },
        { code: 'holder_differs' },
        { code: 'workflow_ended', cause: 'revoked' },
        { code: 'workflow_exhausted' },
      ],
      [
        { code: 'approval_foreign', cause: 'unknown' },
        { code: 'approval_foreign', cause: 'used' },
      ],
      [{ code: 'client_replayed' }, { code: 'client_refused', cause: 'expired' }],
    ];
    for (const group of groups) {
      expect(new Set(group.map((refusal) => JSON.stringify(toWire(refusal)))).size).toBe(1);
    }
  });

  test('is audited, unless it is a pending poll or one of a flood', () => {
    const unaudited = Object.entries(TOKEN_REFUSALS).filter(([, { audited }]) => !audited);
    expect(unaudited.map(([code]) => code)).toEqual([
      'rate_limited',
      'approval_pending',
      'approval_polled_too_fast',
    ]);
    expect(entryOf({ code: 'approval_pending', ...PENDING }).logged).toBe(true);
    expect(entryOf({ code: 'rate_limited', of: 'agent', retryAfterSeconds: 7 }).logged).toBe(false);
  });
});
