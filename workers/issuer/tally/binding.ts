import type {
  HistoryRefusal,
  HistoryRule,
  HistoryUse,
  Measurements,
} from '../../../src/history/index.ts';
import type { Result } from '../../../src/result.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/** One call that the rules of a scope judge. */
export interface TallyRequest {
  readonly tool: string;
  /** The name of the charge. It is taken once. */
  readonly nonce: string;
  readonly measured: Measurements;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface TallyBinding extends Rpc.DurableObjectBranded {
  reserve(
    request: TallyRequest,
    rules: readonly HistoryRule[],
  ): Promise<Result<null, HistoryRefusal>>;
  refund(nonce: string): Promise<void>;
  uses(rules: readonly HistoryRule[]): readonly HistoryUse[];
  schemaVersion(): SchemaVersion;
}
