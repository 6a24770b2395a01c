import { rootWorkflowOf } from '../../root-workflow.ts';
import type { AuditRecord } from '../kinds/index.ts';

/** What records are found by, besides their time. */
export const FIELDS = [
  'workflow',
  'agent',
  'subject',
  'owner',
  'tool',
  'dataset',
  'code',
  'event',
  'mode',
  'id',
] as const;

export type Field = (typeof FIELDS)[number];

/** One thing that a record can be found by. */
export interface Term {
  readonly field: Field;
  /** Undefined if the record has a value that no search can name: a digest of a longer one. */
  readonly value: string | undefined;
  /** The member of the record that it comes from. */
  readonly member: string;
}

/**
 * Returns everything that a record can be found by. A workflow is there as its root, so that the
 * records of a tree are found together.
 */
export function termsOf(record: AuditRecord): readonly Term[] {
  const json = record as unknown as Readonly<Record<string, unknown>>;
  const terms: Term[] = [
    { field: 'event', value: record.event, member: 'event' },
    { field: 'id', value: record.id, member: 'id' },
  ];
  const add = (field: Field, value: unknown, member: string): void => {
    if (value === undefined || value === null) return;
    terms.push({ field, value: typeof value === 'string' ? value : undefined, member });
  };
  const { workflow } = record;
  if (typeof workflow === 'string') add('workflow', rootWorkflowOf(workflow), 'workflow');
  for (const field of ['agent', 'subject', 'owner', 'tool', 'code', 'mode'] as const) {
    add(field, json[field], field);
  }
  each(json.datasets, (dataset) => add('dataset', dataset, 'datasets'));
  for (const member of ['grants', 'refused'] as const) {
    each(json[member], (grant) => {
      const { tool, dataset, code } = (grant ?? {}) as Readonly<Record<string, unknown>>;
      add('tool', tool, member);
      add('dataset', dataset, member);
      add('code', code, member);
    });
  }
  // A list of grants that was too long for the record is there as a digest.
  if (isDigest(json.grants))
    for (const field of ['tool', 'dataset'] as const) add(field, {}, 'grants');
  each(json.reasons, (reason) => {
    add('code', ((reason ?? {}) as Readonly<Record<string, unknown>>).code, 'reasons');
  });
  // An order about an agent, a subject, an owner or a tool.
  const scope = SCOPES.find((one) => one === json.scope);
  if (scope) add(scope, json.value, 'value');
  return terms;
}

const SCOPES = ['agent', 'subject', 'owner', 'tool'] as const;

const isDigest = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function each(list: unknown, act: (item: unknown) => void): void {
  if (Array.isArray(list)) for (const item of list) act(item);
}
