import type { UnixMilliseconds } from '../../clock.ts';
import { rootWorkflowOf } from '../../root-workflow.ts';
import type { AuditRecord } from '../kinds/index.ts';
import { type Field, type Term, termsOf } from './terms.ts';

/** Which records are looked for. All that is stated must hold. */
export interface RecordFilter {
  readonly where: Readonly<Partial<Record<Field, string>>>;
  /** With the workflow, also those below it. */
  readonly isTree?: boolean;
  /** Only records of this time or later. */
  readonly from?: UnixMilliseconds;
  /** Only records before this time. */
  readonly until?: UnixMilliseconds;
}

/** Returns whether a record is one of those that are looked for. */
export function matches(
  record: AuditRecord,
  { where, isTree, from, until }: RecordFilter,
): boolean {
  if (from !== undefined && record.at < from) return false;
  if (until !== undefined && record.at >= until) return false;
  const wanted = Object.entries(where);
  if (wanted.length === 0) return true;
  const terms = termsOf(record);
  return wanted.every(([field, value]) => {
    if (field !== 'workflow') return has(terms, field, value);
    return isTree
      ? rootWorkflowOf(record.workflow ?? '') === rootWorkflowOf(value)
      : record.workflow === value;
  });
}

const has = (terms: readonly Term[], field: string, value: string): boolean =>
  terms.some((term) => term.field === field && term.value === value);

/** Returns the terms that an index must have for these records. */
export const wantedTerms = ({ where }: RecordFilter): readonly { field: Field; value: string }[] =>
  Object.entries(where).map(([field, value]) => ({
    field: field as Field,
    value: field === 'workflow' ? rootWorkflowOf(value) : value,
  }));
