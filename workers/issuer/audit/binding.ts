import type { LinkedRecord } from '../../../src/audit/index.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/** The end of the former log. */
export interface FormerEnd {
  readonly size: number;
  /** The hash of its last record, which covers all before. */
  readonly hash: string;
}

/** How far the records of the former log are carried over to the log `old`. */
export interface CarriedState {
  readonly size: number;
  readonly isClosed: boolean;
  /** Everything is in the archive, was compared, and is gone here. */
  readonly isEmpty: boolean;
  readonly archived?: number;
  readonly compared?: number;
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
  close(): FormerEnd;
  carried(): CarriedState;
  numbered(verifier: string): number;
  read(filter: AuditFilter): LinkedRecord[];
}
