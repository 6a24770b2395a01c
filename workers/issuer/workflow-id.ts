import { toBase64Url } from '../../src/encoding.ts';

/**
 * `wf_` and 128 random bits, base64url. A child has its root's id before a dot, so that whoever has
 * its id alone finds the object that it is a row of.
 */
const WORKFLOW_ID = /^wf_[A-Za-z0-9_-]{22}(?:\.[A-Za-z0-9_-]{22})?$/;

export const isWorkflowId = (text: string): boolean => WORKFLOW_ID.test(text);

const random = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(16)));

export const newWorkflowId = (): string => `wf_${random()}`;

export const newChildId = (parent: string): string => `${rootOf(parent)}.${random()}`;

/** The id of the workflow at the root, by which its object is named. */
export const rootOf = (id: string): string => id.split('.', 1)[0] ?? id;
