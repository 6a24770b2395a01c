import type { AuditRecord, LinkedRecord } from '../../../src/audit/index.ts';

/** A place in the log. */
export interface End {
  readonly seq: number;
  readonly hash: string;
}

/** What the other parts of the issuer ask of it, by its binding. What each does: see the class. */
export interface AuditLogBinding extends Rpc.DurableObjectBranded {
  append(records: readonly AuditRecord[]): End;
  read(filter: { workflow?: string; after: number; limit?: number }): LinkedRecord[];
  expect(verifier: string, n: number): void;
}
