import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { BreakerAnswer } from '../../../src/lifecycle/index.ts';
import type { LivingScope } from '../log/binding.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/** A rule's request to stop a workflow. */
export interface StopRequest {
  readonly rule: string;
  readonly version: number;
  readonly workflow: string;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface BreakerBinding extends Rpc.DurableObjectBranded {
  ask(request: StopRequest): Promise<BreakerAnswer>;
  livingBefore(scope: LivingScope): number;
  tripped(): readonly { readonly rule: string; readonly at: UnixMilliseconds }[];
  arm(rule: string): boolean;
  schemaVersion(): SchemaVersion;
}
