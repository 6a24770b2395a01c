import type { AuditRecord } from '../kinds/index.ts';
import type { ExportedRecord } from './exported.ts';
import { describeRecord } from './ocsf/index.ts';

/** Where in an incident a record belongs. */
export type IncidentPart = 'tokens' | 'hops' | 'decisions' | 'effects' | 'approvals' | 'orders';

/** One record of an incident in a few words, with the address of its receipt. */
export interface IncidentLine {
  readonly at: string;
  readonly record: string;
  readonly receipt: string;
  readonly workflow?: string;
  readonly agent?: unknown;
  readonly subject?: unknown;
  readonly what: string;
  /** Revocation ids of a token's blocks, authority block first. */
  readonly blocks?: readonly string[];
}

export interface Incident {
  readonly workflow: string;
  /** The workflow and all others of its tree that have a record. */
  readonly workflows: readonly string[];
  readonly records: number;
  readonly parts: Readonly<Record<IncidentPart, readonly IncidentLine[]>>;
}

/** Returns the name of a record's receipt in the folder of an incident. */
export const receiptName = ({ log, index }: ExportedRecord): string =>
  `receipts/${log}-${index}.tlog-proof`;

/** Returns what the records of a tree of workflows say, sorted by what a reader looks for. */
export function incidentOf(workflow: string, records: readonly ExportedRecord[]): Incident {
  const parts: Record<IncidentPart, IncidentLine[]> = {
    tokens: [],
    hops: [],
    decisions: [],
    effects: [],
    approvals: [],
    orders: [],
  };
  const seen = new Set<string>();
  const handed = new Set<string>();
  for (const one of records) {
    const { record } = one;
    const id = record.workflow;
    // A mint is a token, and the first of a workflow below another is a hop as well.
    if (record.event === 'mint' && id?.includes('.') && !seen.has(id)) parts.hops.push(lineOf(one));
    if (id !== undefined) seen.add(id);
    parts[partOf(record)].push(lineOf(one));
    if (record.event === 'decision' && record.outcome) parts.effects.push(lineOf(one));
    if (record.event !== 'decision') continue;
    for (const { by, to, name } of record.hops ?? []) {
      // A hop is made offline, so the first record of a call under it is the first trace of it.
      const key = `${id} ${by} ${to}`;
      if (handed.has(key)) continue;
      handed.add(key);
      const next = name === undefined ? to : `${to} (${JSON.stringify(name)})`;
      parts.hops.push({ ...lineOf(one), what: `the holder of ${by} handed it to ${next}` });
    }
  }
  return { workflow, workflows: [...seen].sort(), records: records.length, parts };
}

function partOf({ event }: AuditRecord): IncidentPart {
  switch (event) {
    case 'mint':
    case 'refusal':
      return 'tokens';
    case 'decision':
    case 'dispatch':
      return 'decisions';
    case 'outcome':
      return 'effects';
    case 'approval_asked':
    case 'approval_decided':
      return 'approvals';
    default:
      return 'orders';
  }
}

function lineOf(exported: ExportedRecord): IncidentLine {
  const { record } = exported;
  const { workflow, agent, subject } = record;
  return {
    at: new Date(record.at).toISOString(),
    record: record.id,
    receipt: receiptName(exported),
    ...(workflow !== undefined && { workflow }),
    ...(agent !== undefined && { agent }),
    ...(subject !== undefined && { subject }),
    what: describeRecord(record),
    ...('blocks' in record && { blocks: record.blocks }),
  };
}
