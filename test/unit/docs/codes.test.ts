import { describe, expect, expectTypeOf, test } from 'vitest';
import { DENIALS, type DenialCode } from '../../../src/denials/index.ts';
import type { DpopError } from '../../../src/dpop/index.ts';
import type { ConsentError, IdentityError } from '../../../src/identity/index.ts';
import { PROBLEMS } from '../../../src/issuer-api/index.ts';
import type { RefusalReason } from '../../../src/policy/index.ts';
import type { GatewayDenial } from '../../../workers/gateway/call/denial.ts';
import { denialResponse } from '../../../workers/gateway/mcp/responses.ts';
import { TOKEN_REFUSALS } from '../../../workers/issuer/token/refusals/index.ts';
import { readProjectFile, tableUnder } from './markdown.ts';

/**
 * The tables of codes against the code. Each list below is complete by its type: a code that a
 * union gains does not compile here until it is listed, and then fails until it is documented.
 */
const IDENTITY: Record<IdentityError['code'], true> = {
  jwt_too_large: true,
  jwt_malformed: true,
  algorithm_refused: true,
  issuer_unknown: true,
  token_type_refused: true,
  keys_unavailable: true,
  key_unknown: true,
  expired: true,
  signature_invalid: true,
  audience_mismatch: true,
  not_yet_valid: true,
  claims_invalid: true,
  token_kind_refused: true,
  header_refused: true,
  domain_revoked: true,
  subject_unlisted: true,
  claim_unlisted: true,
};

const PROOFS: Record<DpopError['code'], true> = {
  proof_too_large: true,
  proof_malformed: true,
  type_refused: true,
  replayed: true,
  algorithm_refused: true,
  key_refused: true,
  signature_invalid: true,
  method_mismatch: true,
  target_mismatch: true,
  time_refused: true,
  jti_invalid: true,
  token_mismatch: true,
  nonce_missing: true,
  nonce_refused: true,
};
const CONSENT: Record<ConsentError['cause'], true> = { no_actor: true, other_actor: true };

const POLICY: Record<RefusalReason['code'], true> = {
  input_invalid: true,
  requests_count: true,
  grant_invalid: true,
  no_rule: true,
  denied: true,
  check_failed: true,
  owner_missing: true,
  owner_invalid: true,
  lifetime_missing: true,
  lifetime_invalid: true,
  over_limit: true,
  policy_failed: true,
  user_missing: true,
  tier_invalid: true,
  approval_invalid: true,
  budget_invalid: true,
  constraints_invalid: true,
  constraints_unmet: true,
  constraints_conflict: true,
  sink_open: true,
  requirement_invalid: true,
  open_sink_invalid: true,
};

const page = await readProjectFile('docs/reference/codes.md');

describe('every code is documented', () => {
  test.each(Object.keys(DENIALS))('%s, as the gateway answers it', async (code) => {
    const row = tableUnder(page, '## The verifier and the gateway').get(code);
    const response = denialResponse({ code } as GatewayDenial);
    const { error } = (await response.json()) as { error: { message: string } };
    expect([row?.[1], row?.[3]]).toEqual([String(response.status), error.message]);
  });

  test('the table has exactly the codes that the gateway denies with', () => {
    expectTypeOf<DenialCode>().toEqualTypeOf<GatewayDenial['code']>();
  });

  test.each(Object.entries(TOKEN_REFUSALS))('%s, with its status and error', (code, entry) => {
    const row = tableUnder(page, '## The token endpoint').get(code);
    expect(row?.slice(0, 3)).toEqual([code, String(entry.status), entry.error]);
  });

  test.each([
    ['## The verifier and the gateway', 'code', DENIALS],
    ['## The token endpoint', 'code', TOKEN_REFUSALS],
    ['Causes of `subject_refused`', 'cause', IDENTITY],
    ['Causes of `proof_refused`', 'cause', PROOFS],
    ['Causes of `consent_missing`', 'cause', CONSENT],
    ['Causes of `policy_refused`', 'cause', POLICY],
  ])('and no other: %s', async (heading, head, codes) => {
    const named = [...tableUnder(page, heading).keys()];
    expect(new Set(named)).toEqual(new Set([head, ...Object.keys(codes)]));
  });

  test.each(Object.entries(PROBLEMS))('%s, as an admin route answers it', (code, { status }) => {
    expect(tableUnder(page, '## Admin routes and the feed').get(code)?.[1]).toBe(String(status));
  });
});
