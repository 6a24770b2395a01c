import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  CONSENT_CAUSES,
  IDENTITY_CAUSES,
  POLICY_CAUSES,
  PROOF_CAUSES,
} from '../../../scripts/docs/refusal-causes.ts';
import { DENIALS, type DenialCode } from '../../../src/denials/index.ts';
import { PROBLEMS } from '../../../src/issuer-api/index.ts';
import type { GatewayDenial } from '../../../workers/gateway/call/denial.ts';
import { denialResponse } from '../../../workers/gateway/mcp/responses.ts';
import { TOKEN_REFUSALS } from '../../../workers/issuer/token/refusals/index.ts';
import { readProjectFile, tableUnder } from './markdown.ts';

const page = await readProjectFile('docs/reference/codes.md');

describe('every code is documented', () => {
  test.each(Object.keys(DENIALS))('%s, as the gateway answers it', async (code) => {
    const row = tableUnder(page, '## The verifier and the gateway').get(code);
    const response = denialResponse({ code, pointers: [] } as unknown as GatewayDenial);
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
    ['Causes of `subject_refused`', 'cause', IDENTITY_CAUSES],
    ['Causes of `proof_refused`', 'cause', PROOF_CAUSES],
    ['Causes of `consent_missing`', 'cause', CONSENT_CAUSES],
    ['Causes of `policy_refused`', 'cause', POLICY_CAUSES],
  ])('%s lists no code that does not exist', async (heading, head, codes) => {
    const named = [...tableUnder(page, heading).keys()];
    expect(new Set(named)).toEqual(new Set([head, ...Object.keys(codes)]));
  });

  test.each(Object.entries(PROBLEMS))('%s, as an admin route answers it', (code, { status }) => {
    expect(tableUnder(page, '## Admin routes and the feed').get(code)?.[1]).toBe(String(status));
  });
});
