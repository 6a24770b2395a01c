/**
 * The kinds of records in the audit log, one entry each. Every record names workflow, agent,
 * subject, owner and the whole chain of block ids if they are known, and never a token or a JWT.
 * Of a call's arguments it has only what a route that observes keeps as a sample: bounded, and
 * without what looks like a secret. Two other parts come near them: the names of datasets are taken
 * from arguments, and the check that denied a call is quoted as its holder wrote it.
 */
import * as v from 'valibot';
import { approvalAskedKind, approvalDecidedKind } from './approval.ts';
import type { RecordBase, RecordClass, RecordKind } from './base.ts';
import { type DispatchRecord, dispatchKind, type OutcomeRecord, outcomeKind } from './call.ts';
import { checkpointKind } from './checkpoint.ts';
import { type DecisionRecord, decisionKind } from './decision.ts';
import { erasureKind, holdKind } from './erasure.ts';
import { gapKind } from './gap.ts';
import {
  closingKind,
  deviationKind,
  revocationKind,
  ruleArmedKind,
  transitionKind,
} from './lifecycle.ts';
import { logOpenedKind } from './log-opened.ts';
import { mintKind } from './mint.ts';
import { denialKind, keyKind, streamKind, watermarkKind } from './operator.ts';
import { operatorKind } from './operator-acts.ts';
import { refusalKind, refusalsKind } from './refusal.ts';
import { versionKind } from './version.ts';

export type { ApprovalAskedRecord, ApprovalDecidedRecord } from './approval.ts';
export type { OrderVia, PartDigest, RecordClass } from './base.ts';
export {
  type DispatchRecord,
  type OutcomeRecord,
  toDispatchRecord,
  toOutcomeRecord,
} from './call.ts';
export type { CheckpointRecord } from './checkpoint.ts';
export {
  type DecisionRecord,
  type Observation,
  type Outcome,
  type Recorded,
  toDecisionRecord,
} from './decision.ts';
export { asOf030 } from './earlier-forms.ts';
export type { ErasureRecord, HoldRecord } from './erasure.ts';
export type { GapRecord } from './gap.ts';
export type {
  ClosingRecord,
  DeviationRecord,
  RevocationRecord,
  RuleArmedRecord,
  TransitionRecord,
} from './lifecycle.ts';
export type { LogOpenedRecord } from './log-opened.ts';
export type { MintApproval, MintRecord } from './mint.ts';
export type { DenialRecord, KeyRecord, StreamRecord, WatermarkRecord } from './operator.ts';
export type { OperatorRecord } from './operator-acts.ts';
export type { RefusalRecord, RefusalSample, RefusalsRecord } from './refusal.ts';
export { type CallSample, type CallSource, sampleOf } from './sample.ts';
export type { VersionRecord } from './version.ts';

/** Every kind of record by its event, in the order of the documentation. */
export const RECORD_KINDS = {
  mint: mintKind,
  refusal: refusalKind,
  refusals: refusalsKind,
  revocation: revocationKind,
  transition: transitionKind,
  closing: closingKind,
  watermark: watermarkKind,
  denial: denialKind,
  key: keyKind,
  deviation: deviationKind,
  rule_armed: ruleArmedKind,
  gap: gapKind,
  dispatch: dispatchKind,
  outcome: outcomeKind,
  stream: streamKind,
  version: versionKind,
  log_opened: logOpenedKind,
  erasure: erasureKind,
  hold: holdKind,
  operator: operatorKind,
  checkpoint: checkpointKind,
  approval_asked: approvalAskedKind,
  approval_decided: approvalDecidedKind,
  decision: decisionKind,
} as const;

type RecordEvent = keyof typeof RECORD_KINDS;

/** A record of the audit log, told from the others by its `event`. */
export type AuditRecord = {
  [Event in RecordEvent]: (typeof RECORD_KINDS)[Event] extends RecordKind<infer R>
    ? R extends { readonly event: Event }
      ? R
      : never
    : never;
}[RecordEvent];

/** Returns the kind of a record; undefined for an event that only a newer release knows. */
const kindOf = (record: AuditRecord): RecordKind<AuditRecord & RecordBase> | undefined =>
  Object.hasOwn(RECORD_KINDS, record.event)
    ? (RECORD_KINDS[record.event] as unknown as RecordKind<AuditRecord & RecordBase>)
    : undefined;

/** Returns the class of a record. A kind that this code does not know counts as traffic. */
export const recordClassOf = (record: AuditRecord): RecordClass =>
  kindOf(record)?.classOf(record) ?? 'traffic';

/** Returns whom a record refuses something; undefined if it is no refusal. */
export const refusedPartyOf = (
  record: AuditRecord,
): { readonly agent: string } | 'stranger' | undefined => kindOf(record)?.refusedParty(record);

/** A record that a verifier may write. It numbers all kinds in one sequence. */
export type VerifierRecord = DecisionRecord | DispatchRecord | OutcomeRecord;

const verifierRecord = v.union(
  Object.values(RECORD_KINDS).flatMap(({ from }) => (from === 'issuer' ? [] : [from])),
);

/**
 * Returns a verifier's record; undefined if `value` is not exactly one of a verifier's kinds.
 * Checks the shape and the bounds of every member, and nothing that the record states.
 *
 * @example
 * ```ts
 * import { readVerifierRecord } from 'hewn/audit';
 *
 * const received: unknown = JSON.parse('{"event":"mint","id":"mint.1","at":0}');
 * // Only the issuer writes mints.
 * console.assert(readVerifierRecord(received) === undefined);
 * ```
 */
export function readVerifierRecord(value: unknown): VerifierRecord | undefined {
  const parsed = v.safeParse(verifierRecord, value);
  return parsed.success ? (parsed.output as VerifierRecord) : undefined;
}
