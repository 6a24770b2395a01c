import type { AuditRecord } from '../audit/index.ts';
import { isCanary } from './canary.ts';

/** By what a workflow can be found beside its own members. */
export type UseKind = 'tool' | 'dataset' | 'code' | 'agent' | 'child';

/** Something that a record says its workflow has, called or was denied by. */
export interface Use {
  readonly kind: UseKind;
  readonly value: string;
}

/** Returns by what the workflow of a record can be found, each once. */
export function usesOf(record: AuditRecord): readonly Use[] {
  const { workflow } = record;
  if (workflow === undefined) return [];
  const isChild = workflow.includes('.');
  switch (record.event) {
    case 'mint':
      return distinctUses([
        ...many(
          'tool',
          (record.grants ?? []).map(({ tool }) => tool),
        ),
        ...many(
          'dataset',
          (record.grants ?? []).map(({ dataset }) => dataset),
        ),
        ...many('agent', [record.agent]),
        ...many('child', [isChild ? workflow : undefined]),
      ]);
    case 'decision':
      return distinctUses([
        ...many('tool', [record.tool]),
        ...many('dataset', record.datasets ?? []),
        ...many('code', [record.allowed ? undefined : record.code]),
        ...many('agent', [record.agent]),
      ]);
    default:
      return [];
  }
}

/** Members of an erased person are missing, and long ones are digests. */
const many = (kind: UseKind, values: readonly unknown[]): readonly Use[] =>
  values.flatMap((value) => (typeof value === 'string' && value !== '' ? [{ kind, value }] : []));

/** Returns each use once. */
export function distinctUses(uses: readonly Use[]): readonly Use[] {
  return [...new Map(uses.map((use) => [`${use.kind} ${use.value}`, use])).values()];
}

/** A call that was made although it would be denied, because its route observes, is not denied. */
export const isDenied = (record: AuditRecord & { readonly event: 'decision' }): boolean =>
  !record.allowed && record.observed === undefined;

export type Topic = 'workflows' | 'approvals' | 'stops' | 'policy' | 'rules' | 'people' | 'streams';

const TOPICS: Readonly<Record<AuditRecord['event'], Topic | undefined>> = {
  mint: 'workflows',
  refusal: undefined,
  refusals: undefined,
  revocation: 'workflows',
  transition: 'workflows',
  closing: 'workflows',
  watermark: 'stops',
  denial: 'stops',
  key: undefined,
  deviation: 'rules',
  rule_armed: 'rules',
  gap: undefined,
  dispatch: 'workflows',
  outcome: 'workflows',
  stream: 'streams',
  version: 'policy',
  log_opened: undefined,
  erasure: 'people',
  hold: 'people',
  operator: undefined,
  checkpoint: undefined,
  approval_asked: 'approvals',
  approval_decided: 'approvals',
  decision: 'workflows',
};

/** Returns which part of the product shows a record, for pages that update themselves. */
export function topicOf(record: AuditRecord): Topic | undefined {
  if (isCanary(record)) return undefined;
  const { event } = record;
  // An order that waits for a second person is on the page of approvals. A sign-in is on none.
  if (record.event === 'operator') return record.proposal ? 'approvals' : undefined;
  return Object.hasOwn(TOPICS, event) ? TOPICS[event] : undefined;
}
