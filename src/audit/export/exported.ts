import type { AuditRecord } from '../kinds/index.ts';

/** A record with its address in a log, as readers and exports have it. */
export interface ExportedRecord {
  /** The name of the log, such as `control` or `decisions-1-2`. */
  readonly log: string;
  /** 0 for the first entry of the log. */
  readonly index: number;
  readonly record: AuditRecord;
  /** The leaf hash of its entry in hex, once a tree has it. */
  readonly leaf?: string;
  /** Personal members whose key is erased: only their commitments are left. */
  readonly erased?: readonly string[];
}

/** Which issuer and which release wrote the records. */
export interface ExportSource {
  /** The URL of the issuer, without a slash at the end. */
  readonly issuer: string;
  /** The release of Hewn that exports. */
  readonly version: string;
}

/**
 * A member of a record as text. A name that was too long for the record is there as a digest, whose
 * JSON serves as the name; an erased member is not there.
 */
export function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
