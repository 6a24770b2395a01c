import { canonicalJson, type Json } from '../canonical-json.ts';
import type { Grant } from '../capability/index.ts';
import { toHex, utf8 } from '../encoding.ts';
import type { Addition } from './additions.ts';
import type { CallQuestion } from './call-question.ts';

/**
 * What a person is asked to approve: everything that decides what the capability may do, and for
 * whom. Plain JSON. The approval counts for exactly this question, so everything that decides what
 * is minted must be in it.
 */
export interface ApprovalQuestion {
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly audience: string;
  readonly task: string;
  readonly grants: readonly Grant[];
  /** The policy rules that allow it, each once. */
  readonly rules: readonly string[];
  /** The request of the user, with which the workflow began or begins. */
  readonly prompt?: string;
  /** The longest lifetime of one capability, by the policy. */
  readonly lifetimeSeconds: number;
  /** Thumbprint of the key that the capability is bound to; absent if it is not bound. */
  readonly holder?: string;
  /** The workflow that the capability continues; absent if it begins one. */
  readonly workflow?: string;
  /** The agent asks for more than the workflow has. */
  readonly stepUp?: true;
  /** Of a step-up: the part of `grants` that the workflow does not have yet. */
  readonly adds?: readonly Addition[];
  /** The policy's other bounds, by name: tier, budgets. */
  readonly [bound: string]: unknown;
}

/** Returns the canonical text (RFC 8785) of a question, to store and to compare. */
export const questionText = (question: ApprovalQuestion | CallQuestion): string =>
  canonicalJson(question as unknown as Json);

/**
 * Returns the SHA-256 of a question's text in lower-case hex. The person who reads the question and
 * the issuer that mints by it each compute the digest, so neither has to trust the other's claim of
 * what was asked.
 */
export async function questionDigest(text: string): Promise<string> {
  const input = utf8(`hewn-approval-v1\0${text}`);
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', input)));
}
