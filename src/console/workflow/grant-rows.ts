import type { AuditRecord } from '../../audit/index.ts';
import type { UnixMilliseconds } from '../../clock.ts';
import { limitWords } from '../../constraint-words/index.ts';

interface Grant {
  readonly tool: string;
  readonly action: string;
  readonly dataset: string;
  readonly constraints?: object | undefined;
  /** Allowed calls by it, of all workflows of the agent. */
  readonly used?: number | undefined;
  readonly last_use?: UnixMilliseconds | undefined;
}

/** A grant of a workflow, as its page shows it. */
export interface GrantRow {
  readonly key: string;
  readonly what: string;
  readonly tool: string;
  /** One line for each argument that is limited. */
  readonly limits: readonly string[];
  /** Allowed calls by it: of all workflows of the agent, or of those records the page has read. */
  readonly uses: number;
  /** When the agent last called by it, if the index of the issuer knows. */
  readonly lastUse: UnixMilliseconds | undefined;
}

/** Returns the grants with how often each was used. */
export const grantRows = (
  grants: readonly Grant[],
  records: readonly AuditRecord[],
): readonly GrantRow[] =>
  grants.map((grant, index) => ({
    key: `${index}`,
    what: `${grant.action} ${grant.dataset}`,
    tool: grant.tool,
    limits: limitWords(grant.constraints),
    // The index of the issuer may have fallen behind: then the records of the page say it.
    uses: grant.used ?? records.filter((record) => isUse(record, grant)).length,
    lastUse: grant.last_use,
  }));

const isUse = (record: AuditRecord, { tool, action, dataset }: Grant): boolean =>
  record.event === 'decision' &&
  record.allowed &&
  record.tool === tool &&
  record.action === action &&
  (record.datasets ?? []).some((one) => one === dataset || one.startsWith(`${dataset}/`));
