import { toBase64Url } from '../../../src/encoding.ts';

/** `apr_` and 256 random bits in base64url. CIBA Core section 7.3 requires at least 128. */
const APPROVAL_ID = /^apr_[A-Za-z0-9_-]{43}$/;

export const isApprovalId = (text: string): boolean => APPROVAL_ID.test(text);

export const newApprovalId = (): string =>
  `apr_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`;
