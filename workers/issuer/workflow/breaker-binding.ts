import type { UnixMilliseconds, UnixSeconds } from '../../../src/clock.ts';
import type { WatermarkScope } from '../../../src/feed/index.ts';
import type { BreakerAnswer } from '../../../src/lifecycle/index.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/** One scope of a workflow that a watermark can name. */
export interface LivingScope {
  readonly scope: WatermarkScope;
  readonly value: string;
}

/** A rule's request to stop a workflow. */
export interface StopRequest {
  readonly rule: string;
  readonly version: number;
  readonly workflow: string;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface BreakerBinding extends Rpc.DurableObjectBranded {
  began(workflow: string, ends: UnixSeconds, scopes?: readonly LivingScope[]): Promise<void>;
  grew(workflow: string, scopes: readonly LivingScope[]): void;
  ended(workflow: string): void;
  living(scope: LivingScope): number;
  ask(request: StopRequest): BreakerAnswer;
  tripped(): readonly { readonly rule: string; readonly at: UnixMilliseconds }[];
  arm(rule: string): boolean;
  schemaVersion(): SchemaVersion;
}
