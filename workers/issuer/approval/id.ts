import { createHash } from 'node:crypto';
import { toBase64Url } from '../../../src/encoding.ts';
import { APPROVAL_ID } from '../../../src/issuer-api/index.ts';

export const isApprovalId = (text: string): boolean => APPROVAL_ID.test(text);

export const newApprovalId = (): string =>
  `apr_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`;

const CALL_ID_BYTES = 16; // Names one of 32 calls of a question that was drawn from 256 bits.

/**
 * Returns the id of the approval of one call of a question. A verifier sees it, and cannot poll the
 * question with it.
 */
export function approvedCallId(approval: string, call: number): string {
  const hash = createHash('sha256').update(`hewn-approved-call-v1\0${approval}\0${call}`);
  return `ap_${toBase64Url(new Uint8Array(hash.digest().subarray(0, CALL_ID_BYTES)))}`;
}
