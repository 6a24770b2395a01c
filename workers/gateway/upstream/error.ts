import type { UpstreamFailureCode } from '../../../src/denials/index.ts';

/** Failures of a request that never left the gateway. */
export type UnsentCode = Extract<
  UpstreamFailureCode,
  'upstream_unavailable' | 'upstream_suspended' | 'upstream_busy' | 'upstream_request_too_large'
>;

/** Why a request to a server behind the gateway was not sent. It did not happen. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: UnsentCode;

  constructor(code: UnsentCode) {
    super(code);
    this.code = code;
  }
}

/** Returns what was thrown if it is such an error. */
export const upstreamErrorOf = (error: unknown): UpstreamError | undefined =>
  error instanceof UpstreamError ? error : undefined;
