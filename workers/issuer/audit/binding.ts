import type { AuditRecord, LinkedRecord } from '../../../src/audit/index.ts';

/** The position of a record in the log. */
export interface LogPosition {
  readonly seq: number;
  readonly hash: string;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface AuditLogBinding extends Rpc.DurableObjectBranded {
  append(records: readonly AuditRecord[]): LogPosition;
  read(filter: { workflow?: string; after: number; limit?: number }): LinkedRecord[];
  expect(verifier: string, n: number): void;
}
