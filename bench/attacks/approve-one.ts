/** A person's answer to one call: the block that the issuer signs for the token of that step. */

import type { JsonObject } from '../../src/canonical-json.ts';
import { appendApproval, approveCalls, argumentsDigest } from '../../src/capability/index.ts';
import { toBase64Url, toHex } from '../../src/encoding.ts';
import { unwrap } from '../unwrap.ts';
import type { BenchIssuer } from './bench-issuer.ts';

const APPROVAL_SECONDS = 60;
const VERSION = '0123456789abcdef'; // One version of policy and catalogue for a whole run.

/** Returns the token of the step with the approval of exactly this call. */
export async function approveOne(
  { approver, clock }: BenchIssuer,
  token: string,
  { tool, args = {} }: { readonly tool: string; readonly args?: JsonObject },
): Promise<string> {
  const now = new Date(clock.now());
  const call = {
    id: `ap_${toBase64Url(crypto.getRandomValues(new Uint8Array(16)))}`,
    tool,
    args: toHex(await argumentsDigest(args)),
    by: 'https://idp.test#emma',
    version: VERSION,
  };
  const until = new Date(now.getTime() + APPROVAL_SECONDS * 1000);
  const approval = unwrap(await approveCalls(token, approver, [call], { until, now }));
  return unwrap(await appendApproval(token, approval));
}
