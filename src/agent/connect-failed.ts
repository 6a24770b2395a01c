import type { ApprovalPending, ObtainError } from './capability.ts';

/** Why there is no connection. */
export type ConnectFailedCode =
  | ObtainError['code']
  /** An identity source has no token. */
  | 'identity_unavailable'
  /** A child cannot begin below a workflow that has ended. */
  | 'workflow_ended';

/** Thrown by `connect`. The message says why there is no capability, and what to do about it. */
export class ConnectFailed extends Error {
  override readonly name = 'ConnectFailed';
  readonly code: ConnectFailedCode;
  /** What was wrong, and in which input. */
  readonly why: string;
  /** What to do about it. */
  readonly advice: string;
  /** For `approval_pending`: the question that a person has to answer. */
  readonly pending?: ApprovalPending;

  constructor(
    code: ConnectFailedCode,
    { why, advice, pending, cause }: Explanation & { readonly cause?: unknown },
  ) {
    super(`${why} ${advice}`.trim(), cause === undefined ? undefined : { cause });
    this.code = code;
    this.why = why;
    this.advice = advice;
    if (pending) this.pending = pending;
  }
}

interface Explanation {
  readonly why: string;
  readonly advice: string;
  readonly pending?: ApprovalPending;
}

/** Returns the exception for an error. `hint` is about the tokens, which the issuer may refuse. */
export const connectFailed = (error: ObtainError, hint = ''): ConnectFailed =>
  new ConnectFailed(error.code, explain(error, hint));

/** Errors that are about the parties, and not about what they may do. */
const OF_TOKENS: ReadonlySet<string> = new Set(['invalid_request', 'invalid_client']);

const explain = (error: ObtainError, hint: string): Explanation => {
  switch (error.code) {
    case 'options_invalid':
      return { why: error.why, advice: '' };
    case 'refused':
      return {
        why: `The issuer refused with ${error.error} (HTTP ${error.status}): ${error.description || 'it gave no reason'}`,
        advice: error.hint ?? (OF_TOKENS.has(error.error) ? hint : ''),
      };
    case 'approval_pending':
      return {
        why: 'The policy asks a person, who has not answered yet.',
        advice: `Pass \`approval: { waitMilliseconds }\` to wait for the answer, or call connect again with \`approval: { id: '${error.id}' }\` before ${error.expires.toISOString()}.`,
        pending: error,
      };
    case 'approval_void':
      return {
        why: 'The approval of this id is not valid: it was used, or the question has changed.',
        advice: 'Call connect without `approval.id`.',
      };
    case 'unreachable':
      return {
        why: `The issuer did not answer at ${error.url}: ${error.why}`,
        advice: 'Check that it runs and that this process can reach it.',
      };
    case 'not_bound':
      return {
        why: `The issuer at ${error.url} does not bind capabilities to a key as requested.`,
        advice: 'Check that `issuer` is an issuer of Hewn.',
      };
    case 'malformed_answer':
      return { why: `The answer of ${error.url} is not an issuer's: ${error.why}`, advice: '' };
  }
};
