import { canonicalJson, type Json } from '../canonical-json.ts';
import type { Grant } from '../capability/index.ts';
import { toHex, utf8 } from '../encoding.ts';
import type { Addition } from './additions.ts';

/**
 * What a person is asked to approve: everything that decides what the capability may do, and for
 * whom. Plain JSON. The approval counts for exactly this and nothing beside it, so whatever is
 * minted by must stand here.
 */
export interface ApprovalQuestion {
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly audience: string;
  readonly task: string;
  readonly grants: readonly Grant[];
  /** The rules of the policy that allow it, each once. */
  readonly rules: readonly string[];
  /** How long one capability may live, as the policy says. */
  readonly lifetimeSeconds: number;
  /** Thumbprint of the key that it will be bound to; absent: it is bound to none. */
  readonly holder?: string;
  /** The workflow that it continues; absent: it begins one. */
  readonly workflow?: string;
  /** Asked for as more than the workflow has. */
  readonly stepUp?: true;
  /** Of a step-up: what of `grants` the workflow does not have yet. */
  readonly adds?: readonly Addition[];
  /** What else the policy says of it, by name: tier, budgets. */
  readonly [bound: string]: unknown;
}

/** RFC 8785: one text for one question, to keep and to compare. */
export const questionText = (question: ApprovalQuestion): string =>
  canonicalJson(question as unknown as Json);

/**
 * SHA-256 of a question's text, lower-case hex. It names the question between the person who reads
 * it and the issuer who mints by it: neither takes the other's word for what was asked.
 */
export async function questionDigest(text: string): Promise<string> {
  const input = utf8(`hewn-approval-v1\0${text}`);
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', input)));
}
