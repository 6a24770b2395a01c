import type { HistoryRefusal, HistoryRule, Measurements } from '../../../src/history/index.ts';
import type { Result } from '../../../src/result.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/** One call that the rules of a scope judge. */
export interface TallyRequest {
  readonly tool: string;
  /** The name of the charge. It is taken once. */
  readonly nonce: string;
  readonly measured: Measurements;
}

/** How much of a rule of a scope is used now. */
export interface TallyLine {
  readonly rule: string;
  /** Calls, different values, or the sum in the unit of the argument. */
  readonly used: number;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface TallyBinding extends Rpc.DurableObjectBranded {
  reserve(
    request: TallyRequest,
    rules: readonly HistoryRule[],
  ): Promise<Result<null, HistoryRefusal>>;
  refund(nonce: string): Promise<void>;
  lines(rules: readonly HistoryRule[]): readonly TallyLine[];
  schemaVersion(): SchemaVersion;
}
