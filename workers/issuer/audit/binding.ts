import type { AuditRecord, LinkedRecord } from '../../../src/audit/index.ts';
import type { Result } from '../../../src/result.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/** The position of a record in the log. */
export interface LogPosition {
  readonly seq: number;
  readonly hash: string;
}

/** The holder of a verifier's credential, and how many of its records a minute the log takes. */
export interface RecordSource {
  readonly name: string;
  readonly perMinute: number;
}

/** Why the log takes no records of a source now. */
export type NotAppended =
  | { readonly code: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly code: 'log_full' };

/** How full the log is, and when it begins to refuse records. */
export interface AuditFill {
  readonly records: number;
  readonly bytes: number;
  readonly trafficBytesMax: number;
  readonly grantsBytesMax: number;
  readonly schema: SchemaVersion;
}

/** Which records are read. */
export interface AuditFilter {
  readonly workflow?: string;
  /** Only decisions of routes that observe. */
  readonly mode?: 'observe';
  readonly after: number;
  readonly limit?: number;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface AuditLogBinding extends Rpc.DurableObjectBranded {
  append(records: readonly AuditRecord[]): LogPosition;
  appendFrom(source: RecordSource, records: readonly AuditRecord[]): Result<null, NotAppended>;
  read(filter: AuditFilter): LinkedRecord[];
  expect(verifier: string, n: number): void;
  fill(): AuditFill;
}
