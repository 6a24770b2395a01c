import { toBase64Url } from '../../../src/encoding.ts';
import { APPROVAL_ID } from '../../../src/issuer-api/index.ts';

export const isApprovalId = (text: string): boolean => APPROVAL_ID.test(text);

export const newApprovalId = (): string =>
  `apr_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`;
