import type { UnixSeconds } from '../../../src/clock.ts';
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

/** A label that a workflow read, and that holds later ones. */
export interface LastingLabel {
  readonly label: string;
  /** The last read that a gateway reported: when, by which workflow, and with which tool. */
  readonly at: UnixSeconds;
  readonly workflow: string;
  readonly tool: string;
  /** It holds every workflow that begins by then. */
  readonly until: UnixSeconds;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface TallyBinding extends Rpc.DurableObjectBranded {
  reserve(
    request: TallyRequest,
    rules: readonly HistoryRule[],
  ): Promise<Result<null, HistoryRefusal>>;
  refund(nonce: string): Promise<void>;
  uses(rules: readonly HistoryRule[]): readonly HistoryUse[];
  remember(labels: readonly LastingLabel[]): Promise<boolean>;
  lasting(begun: UnixSeconds): readonly LastingLabel[];
  schemaVersion(): SchemaVersion;
}
