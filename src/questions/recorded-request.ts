import type { AuditRecord, MintRecord, RefusalRecord } from '../audit/index.ts';
import { type Grant, isAction } from '../capability/index.ts';
import type { UnixMilliseconds } from '../clock.ts';

type RecordedGrant = MintRecord['grants'][number];

/** A grant that was requested, and what became of it. */
export interface RecordedOutcome {
  /** A granted one has the constraints that the policy added. */
  readonly grant: Grant;
  /** `granted`, or the code of the refusal. */
  readonly verdict: string;
  /** The `allow if` behind a granted one, as the engine prints it. */
  readonly rule?: string;
}

/** A token request as the audit log has it. Identity claims are in no record. */
export interface RecordedRequest {
  readonly at: UnixMilliseconds;
  readonly agent: string;
  /** Absent if the agent asked without a person. */
  readonly user?: string;
  /** Absent if it was refused as a whole. */
  readonly owner?: string;
  readonly workflow?: string;
  readonly task: string;
  readonly audience: string;
  readonly stepUp?: true;
  readonly outcomes: readonly RecordedOutcome[];
  /** Whether a capability was minted. */
  readonly isMinted: boolean;
  /** A person approved it first. */
  readonly isApproved: boolean;
}

/** The code that a refusal of the policy has, before the reason of its first grant. */
const POLICY_REFUSED = 'policy_refused:';

/**
 * Returns the request behind a mint, or behind a refusal of the policy. Undefined for every other
 * record, and for one that does not have the whole request: a part was erased or too long.
 */
export function requestOf(record: AuditRecord): RecordedRequest | undefined {
  if (record.event === 'mint') return requestOfMint(record);
  return record.event === 'refusal' ? requestOfRefusal(record) : undefined;
}

function requestOfMint(record: MintRecord): RecordedRequest | undefined {
  const { at, agent, subject, owner, workflow, task, audience } = record;
  if (!isText(agent) || !isText(subject) || !isText(task) || !isText(audience)) return undefined;
  const granted = readGrants(record.grants);
  const refused = readGrants(record.refused);
  if (!granted || !refused) return undefined;
  const codes = record.refused.filter(isWhole).map(({ code }) => code);
  return {
    at,
    agent,
    // The subject of a workflow without a person is its owner.
    ...(subject !== owner && { user: subject }),
    ...(isText(owner) && { owner }),
    ...(workflow !== undefined && { workflow }),
    task,
    audience,
    ...(record.stepUp && { stepUp: true }),
    outcomes: [
      ...granted.map((grant, n): RecordedOutcome => {
        const rule = record.rules[n];
        return { grant, verdict: 'granted', ...(rule !== undefined && { rule }) };
      }),
      ...refused.map((grant, n): RecordedOutcome => ({ grant, verdict: codes[n] ?? 'no_rule' })),
    ],
    isMinted: true,
    isApproved: record.approval !== undefined,
  };
}

/** The record has the reason of the first grant only. The others were refused, too. */
function requestOfRefusal(record: RefusalRecord): RecordedRequest | undefined {
  const { at, agent, subject, task, audience, code } = record;
  if (!code.startsWith(POLICY_REFUSED) || !isText(agent)) return undefined;
  if (!isText(task) || !isText(audience)) return undefined;
  if (subject !== undefined && !isText(subject)) return undefined;
  const grants = record.grants && readGrants(record.grants);
  if (!grants) return undefined;
  const verdict = code.slice(POLICY_REFUSED.length);
  return {
    at,
    agent,
    ...(subject !== undefined && { user: subject }),
    task,
    audience,
    outcomes: grants.map((grant) => ({ grant, verdict })),
    isMinted: false,
    isApproved: false,
  };
}

/** A part that was too long for its record is there as a digest, and an erased one is missing. */
const isText = (value: unknown): value is string => typeof value === 'string';

/** Records of early releases have refused grants without an action. */
const isWhole = ({ action }: RecordedGrant): boolean => isAction(action);

/** Undefined for a list that was too long for the record, which has a digest of it. */
function readGrants(list: readonly RecordedGrant[]): readonly Grant[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.filter(isWhole).map(({ tool, action, dataset, constraints }) => ({
    tool,
    action: action as Grant['action'],
    dataset,
    ...(constraints && { constraints }),
  }));
}
