import { toBase64Url } from '../../src/encoding.ts';

/** `wf_` and 128 random bits, base64url. */
const WORKFLOW_ID = /^wf_[A-Za-z0-9_-]{22}$/;

export const isWorkflowId = (text: string): boolean => WORKFLOW_ID.test(text);

export const newWorkflowId = (): string =>
  `wf_${toBase64Url(crypto.getRandomValues(new Uint8Array(16)))}`;
