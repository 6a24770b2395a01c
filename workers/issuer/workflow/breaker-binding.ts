import type { WatermarkScope } from '../../../src/feed/index.ts';
import type { BreakerAnswer } from '../../../src/lifecycle/index.ts';

/** What a watermark can name of a workflow. */
export interface LivingScope {
  readonly scope: WatermarkScope;
  readonly value: string;
}

/** What a rule wants to stop. */
export interface StopRequest {
  readonly rule: string;
  readonly version: number;
  readonly workflow: string;
}

/** What the other parts of the issuer ask of it, by its binding. What each does: see the class. */
export interface BreakerBinding extends Rpc.DurableObjectBranded {
  began(workflow: string, ends: number, scopes?: readonly LivingScope[]): Promise<void>;
  grew(workflow: string, scopes: readonly LivingScope[]): void;
  ended(workflow: string): void;
  living(scope: LivingScope): number;
  ask(request: StopRequest): BreakerAnswer;
  tripped(): readonly { readonly rule: string; readonly at: number }[];
  arm(rule: string): boolean;
}
