import type { AuditRecord } from '../audit/index.ts';
import { toSeconds, type UnixSeconds } from '../clock.ts';
import { isTerminal, type WorkflowState } from '../lifecycle/index.ts';
import { rootWorkflowOf } from '../root-workflow.ts';
import { isCanary } from './canary.ts';
import { addRecent, type Recent } from './recent.ts';
import { isDenied } from './uses.ts';

/** A root workflow with everything below it, as far as the logs have its records. */
export interface WorkflowActivity {
  readonly id: string;
  readonly state: WorkflowState;
  /** When the record of the state was made: an earlier one that arrives later changes nothing. */
  readonly stateAt: number;
  /** Who caused the state. Absent for a workflow that began and was never moved. */
  readonly by?: string | undefined;
  readonly agent?: string | undefined;
  readonly subject?: string | undefined;
  readonly owner?: string | undefined;
  readonly task?: string | undefined;
  readonly tier?: number | undefined;
  readonly began: UnixSeconds;
  readonly ends: UnixSeconds;
  readonly ended?: UnixSeconds | undefined;
  readonly mints: number;
  readonly calls: number;
  readonly denials: number;
  readonly lastCall?: UnixSeconds | undefined;
  readonly recent?: Recent | undefined;
  /** Its questions that wait for a person. */
  readonly waiting: number;
}

/** The kinds that a list shows, each with a count. A workflow can be of several. */
export type ShownKind = 'running' | 'stopped' | 'waiting' | 'denied';

/** Returns of which kinds a workflow is. */
export function kindsOf({
  state,
  waiting,
  denials,
}: Pick<WorkflowActivity, 'state' | 'waiting' | 'denials'>): readonly ShownKind[] {
  const isStopped = state === 'suspended' || state === 'revoked';
  return [
    ...(!isStopped && !isTerminal(state) ? (['running'] as const) : []),
    ...(isStopped ? (['stopped'] as const) : []),
    ...(waiting > 0 ? (['waiting'] as const) : []),
    ...(denials > 0 ? (['denied'] as const) : []),
  ];
}

/**
 * Applies a record of a root workflow or of one below it. Each record is applied once; those of
 * different logs may come in any order. Returns undefined if the record says nothing of a workflow
 * that is not known yet.
 */
export function applyRecord(
  row: WorkflowActivity | undefined,
  record: AuditRecord,
): WorkflowActivity | undefined {
  const { workflow } = record;
  if (workflow === undefined || isCanary(record)) return row;
  const id = rootWorkflowOf(workflow);
  switch (record.event) {
    case 'mint':
    case 'decision':
    case 'transition':
    case 'revocation':
    case 'closing':
      break;
    default:
      return row;
  }
  // A workflow that never began: a canary of the drill, or an id that an operator insisted on.
  const isUnknown = !row && (record.event === 'revocation' || record.event === 'transition');
  if (isUnknown && record.agent === undefined) return row;
  const known = named(row ?? blank(id, record), id === workflow ? record : undefined);
  switch (record.event) {
    case 'mint':
      return minted(known, record);
    case 'decision':
      return called(known, record);
    case 'transition':
      return id !== workflow || record.superseded ? known : moved(known, record.to, record);
    case 'revocation':
      return id !== workflow || record.kind !== 'workflow'
        ? known
        : moved(known, 'revoked', record);
    case 'closing':
      return {
        ...known,
        state: record.state,
        stateAt: record.at,
        began: record.startedAt,
        ended: record.endedAt,
        mints: record.mints,
      };
  }
}

const blank = (id: string, { at }: AuditRecord): WorkflowActivity => ({
  id,
  state: 'active',
  stateAt: 0,
  began: toSeconds(at),
  ends: toSeconds(at),
  mints: 0,
  calls: 0,
  denials: 0,
  waiting: 0,
});

/** Takes the parties from a record of the root itself: those below it can have others. */
function named(row: WorkflowActivity, record: AuditRecord | undefined): WorkflowActivity {
  if (!record) return row;
  const { agent, subject, owner, task } = record;
  return {
    ...row,
    agent: row.agent ?? text(agent),
    subject: row.subject ?? text(subject),
    owner: row.owner ?? text(owner),
    task: row.task ?? text(task),
  };
}

/** A name that was too long for the record is a digest there. */
const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const minted = (
  row: WorkflowActivity,
  { at, tier, expires }: AuditRecord & { readonly event: 'mint' },
): WorkflowActivity => ({
  ...row,
  began: Math.min(row.began, toSeconds(at)),
  tier: Math.max(row.tier ?? 0, tier),
  ends: Math.max(row.ends, expires),
  mints: row.mints + 1,
});

function called(
  row: WorkflowActivity,
  record: AuditRecord & { readonly event: 'decision' },
): WorkflowActivity {
  const denied = isDenied(record);
  const seconds = toSeconds(record.at);
  return {
    ...row,
    began: Math.min(row.began, seconds),
    calls: row.calls + 1,
    denials: row.denials + Number(denied),
    lastCall: Math.max(row.lastCall ?? 0, seconds),
    recent: addRecent(row.recent, record.at, denied),
  };
}

function moved(
  row: WorkflowActivity,
  state: WorkflowState,
  { at, actor }: { readonly at: number; readonly actor?: string | undefined },
): WorkflowActivity {
  if (at < row.stateAt) return row;
  return {
    ...row,
    state,
    stateAt: at,
    by: actor,
    ended: isTerminal(state) ? toSeconds(at) : undefined,
  };
}
