import type { CapabilityHolder, Ended, EndingError, RenewalError } from '../agent/index.ts';
import type { Result } from '../result.ts';

/** What a run needs of its session at the issuer. */
export interface RunConnection {
  readonly workflow: string;
  readonly capability: Pick<CapabilityHolder, 'current' | 'stepUp'>;
  readonly mcp: (server: string) => { readonly url: URL; readonly fetch: typeof fetch };
  readonly complete: (graceSeconds?: number) => Promise<Result<Ended, RenewalError | EndingError>>;
  readonly fail: (reason?: string) => Promise<Result<Ended, RenewalError | EndingError>>;
}
