import * as v from 'valibot';
import type { ArgumentConstraints, Budgets } from '../capability/index.ts';
import type { ToolTier } from '../catalogue/index.ts';
import { CALL_DATASETS_MAX } from '../limits.ts';
import type { Evidence } from '../verifier/index.ts';
import type {
  ApprovalAskedRecord,
  ApprovalDecidedRecord,
  MintApproval,
} from './approval-record.ts';
import type { DispatchRecord, OutcomeRecord } from './call-record.ts';
import type {
  DeviationRecord,
  GapRecord,
  RuleArmedRecord,
  TransitionRecord,
} from './life-record.ts';
import { outcome } from './outcome.ts';
import type { RefusalsRecord } from './refusals-record.ts';

/**
 * What the audit trail holds. Every record names workflow, agent, subject, owner and the whole
 * chain of block ids where they are known (invariant 9), and never a token, a JWT or a call's
 * arguments. Two things come near them: a dataset is named by arguments, and the check that denied
 * is quoted as its holder wrote it.
 */

/**
 * The log that a verifier's records go to, by which they are numbered. An issuer has one: that of
 * every workflow.
 */
export const LOG_ORIGIN = 'default';

// A lone surrogate has no canonical form: the log could not hash it, nor any batch that holds it.
export const text = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.maxLength(lengthMax),
    v.check((value) => value.isWellFormed()),
  );
export const unixMilliseconds = v.pipe(v.number(), v.safeInteger());

/** Who and what for, as the token's authority block says. */
export const attribution = {
  workflow: v.optional(text(64)),
  agent: v.optional(text(2_048)),
  subject: v.optional(text(2_048)),
  owner: v.optional(text(2_048)),
  task: v.optional(text(256)),
};

export const decisionRecord = v.strictObject({
  event: v.literal('decision'),
  /** Deterministic for a verifier and its counter, so that a batch sent twice is written once. */
  id: text(128),
  at: unixMilliseconds,
  /** A verifier's instance and its own count of records: a gap in `n` is a lost record. */
  verifier: text(64),
  n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  ...attribution,
  /** Revocation ids of the token's blocks, authority block first. */
  blocks: v.pipe(v.array(text(256)), v.maxLength(32)),
  method: v.optional(text(128)),
  tool: v.optional(text(512)),
  action: v.optional(text(16)),
  datasets: v.optional(v.pipe(v.array(text(512)), v.maxLength(CALL_DATASETS_MAX))),
  tier: v.optional(v.picklist([0, 1, 2, 3])),
  head: v.optional(v.strictObject({ epoch: v.number(), seq: v.number(), ageSeconds: v.number() })),
  allowed: v.boolean(),
  stale: v.optional(v.boolean()),
  /** Its budget was taken before it was allowed: the record is not counted again. */
  charged: v.optional(v.literal(true)),
  code: v.optional(text(64)),
  /** The denial's data: which check of which block, which dataset, which entry of the feed. */
  detail: v.optional(v.record(text(64), v.union([text(2_048), v.number()]))),
  /** Of a call of tier 3: the record that was written before it. */
  dispatch: v.optional(text(128)),
  /** An allowed call without one was made; an outcome record follows where it is known. */
  outcome: v.optional(outcome),
});

export type DecisionRecord = v.InferOutput<typeof decisionRecord>;

interface Attribution {
  readonly workflow?: string | undefined;
  readonly agent?: string | undefined;
  readonly subject?: string | undefined;
  readonly owner?: string | undefined;
  readonly task?: string | undefined;
}

export interface RecordBase extends Attribution {
  /** Unique; a record with an id that is already written is the same record. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly at: number;
}

interface RecordedGrant {
  readonly tool: string;
  readonly action: string;
  readonly dataset: string;
  readonly constraints?: ArgumentConstraints;
}

export interface MintRecord extends RecordBase {
  readonly event: 'mint';
  readonly blocks: readonly string[];
  readonly audience: string;
  readonly grants: readonly RecordedGrant[];
  /** The arguments that a grant does not bound though they say where something goes. */
  readonly openSinks?: readonly {
    readonly tool: string;
    readonly pointer: string;
    /** The constraints of the request bound it; absent: nothing does. */
    readonly bound?: 'request';
    /** The policy's; absent where a person was asked. */
    readonly reason?: string;
  }[];
  /** Who acted before, by the subject token's `act`, newest first: nothing was decided by it. */
  readonly actors?: readonly string[];
  /** Asked for as more than the workflow had. */
  readonly stepUp?: true;
  /** The approval that it was minted by, where the policy asked for one. */
  readonly approval?: MintApproval;
  /** The policy rule behind each grant, in the same order. */
  readonly rules: readonly string[];
  /** Grants that were asked for and refused. */
  readonly refused: readonly (RecordedGrant & { readonly code: string })[];
  /** How bad it can get, and what the workflow may do in all, as the policy said at this mint. */
  readonly tier: ToolTier;
  readonly budgets: Budgets;
  /** Unix seconds. */
  readonly expires: number;
  /** Thumbprint of the key that the capability is bound to; absent where it is bound to none. */
  readonly holder?: string;
}

export interface RefusalRecord extends RecordBase {
  readonly event: 'refusal';
  /** The OAuth error and our reason for it. */
  readonly error: string;
  readonly code: string;
  /** What was asked for, where it is known of whom: as many grants as one request holds. */
  readonly audience?: string;
  readonly grants?: MintRecord['grants'];
}

export interface RevocationRecord extends RecordBase {
  readonly event: 'revocation';
  readonly kind: 'workflow' | 'block';
  readonly target: string;
  /** `operator`, `holder`, or `rule:<id>@<version>`. */
  readonly actor: string;
  readonly reason: string;
  /** Ids of the records that a rule went by. */
  readonly evidence?: readonly string[];
}

/** Everything of a scope that was issued before a time was stopped. */
export interface WatermarkRecord extends RecordBase {
  readonly event: 'watermark';
  /** It could hit no token, and its place in the head is free again. */
  readonly withdrawn?: true;
  readonly scope: string;
  readonly value: string;
  /** Unix seconds. */
  readonly before: number;
  readonly actor: string;
  readonly reason: string;
}

/** An operator has denied a scope, or the denial is over. */
export interface DenialRecord extends RecordBase {
  readonly event: 'denial';
  readonly change: 'set' | 'lifted' | 'ended';
  readonly scope: string;
  readonly value: string;
  /** Unix seconds: what was issued before is stopped; of a tool, its calls alone. */
  readonly before: number;
  /** Unix seconds of its end, where it has one. */
  readonly until?: number;
  /** `operator`, or `clock` where its end has come. */
  readonly actor: string;
  readonly reason: string;
}

/** An operator's change of a stream of security events. */
export interface StreamRecord extends RecordBase {
  readonly event: 'stream';
  readonly stream: string;
  readonly change: 'created' | 'enabled' | 'paused' | 'disabled' | 'removed';
  readonly actor: string;
  readonly audience?: string;
  /** Where events are pushed to; absent where they are polled. */
  readonly endpoint?: string;
}

export type AuditRecord =
  | MintRecord
  | RefusalRecord
  | RefusalsRecord
  | RevocationRecord
  | TransitionRecord
  | DeviationRecord
  | GapRecord
  | RuleArmedRecord
  | OutcomeRecord
  | DispatchRecord
  | WatermarkRecord
  | DenialRecord
  | StreamRecord
  | DecisionRecord
  | ApprovalAskedRecord
  | ApprovalDecidedRecord;

/** A decision of the verifier, or a denial by what stands around it, for the record. */
export type Recorded =
  | { readonly allowed: true; readonly stale: boolean; readonly evidence: Evidence }
  | {
      readonly allowed: false;
      readonly denial: { readonly code: string };
      readonly evidence: Evidence;
    };

/** The record of a decision, without the outcome that may still come. */
export function toDecisionRecord(
  decision: Recorded,
  stamp: {
    readonly verifier: string;
    readonly n: number;
    readonly at: number;
    readonly method?: string;
  },
): DecisionRecord {
  const { revocationIds, datasets, tool, action, ...evidence } = decision.evidence;
  const { method, ...numbered } = stamp;
  const record: DecisionRecord = {
    event: 'decision',
    id: `${stamp.verifier}.${stamp.n}`,
    ...numbered,
    ...evidence,
    blocks: [...revocationIds],
    allowed: decision.allowed,
  };
  // What the caller named, which is recorded also where it was refused for its form.
  if (method !== undefined) record.method = quote(method, 128);
  if (tool !== undefined) record.tool = quote(tool, 512);
  if (action !== undefined) record.action = quote(action, 16);
  if (datasets) {
    record.datasets = datasets.slice(0, CALL_DATASETS_MAX).map((dataset) => quote(dataset, 512));
  }
  if (decision.allowed) return { ...record, stale: decision.stale };
  const { code, ...data } = decision.denial;
  return { ...record, code, detail: readableDetail(data) };
}

/** Bounded texts and numbers: a denial's data may quote a holder's own check or name. */
function readableDetail(data: Readonly<Record<string, unknown>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : quote(String(value), 2_048),
    ]),
  );
}

/** A stranger's text, cut, and with what a log or a terminal cannot show replaced. */
const quote = (value: string, lengthMax: number): string =>
  value
    .slice(0, lengthMax)
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\u{FFFD}');
