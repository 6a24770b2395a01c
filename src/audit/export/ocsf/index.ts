/**
 * Records as events of the Open Cybersecurity Schema Framework. A call is API Activity; a mint and
 * a refused request are Authorize Session; a change of a workflow, a denial, a version or another
 * thing that Hewn manages is Entity Management.
 */
import type { JsonObject } from '../../../canonical-json.ts';
import type { AuditRecord } from '../../kinds/index.ts';
import type { ExportedRecord, ExportSource } from '../exported.ts';
import { decisionBody, dispatchBody, outcomeBody } from './calls.ts';
import {
  approvalAskedBody,
  approvalDecidedBody,
  checkpointBody,
  closingBody,
  denialBody,
  erasureBody,
  holdBody,
  keyBody,
  logOpenedBody,
  operatorBody,
  revocationBody,
  ruleArmedBody,
  streamBody,
  transitionBody,
  versionBody,
  watermarkBody,
} from './entities.ts';
import { envelope, type OcsfBody, other } from './event.ts';
import { deviationBody, gapBody, refusalsBody } from './observations.ts';
import { mintBody, refusalBody } from './sessions.ts';

/** How each kind of record is described. A kind that is missing does not compile. */
const BODIES: {
  readonly [Event in AuditRecord['event']]: (
    record: Extract<AuditRecord, { event: Event }>,
    source: ExportSource,
  ) => OcsfBody;
} = {
  mint: mintBody,
  refusal: refusalBody,
  refusals: refusalsBody,
  revocation: revocationBody,
  transition: transitionBody,
  closing: closingBody,
  watermark: watermarkBody,
  denial: denialBody,
  key: keyBody,
  deviation: deviationBody,
  rule_armed: ruleArmedBody,
  gap: gapBody,
  dispatch: dispatchBody,
  outcome: outcomeBody,
  stream: streamBody,
  version: versionBody,
  log_opened: logOpenedBody,
  erasure: erasureBody,
  hold: holdBody,
  operator: operatorBody,
  checkpoint: checkpointBody,
  approval_asked: approvalAskedBody,
  approval_decided: approvalDecidedBody,
  decision: decisionBody,
};

/** Returns a record as an event of OCSF, with the whole record in `raw_data`. */
export function toOcsf(exported: ExportedRecord, source: ExportSource): JsonObject {
  const event = envelope(exported, source, bodyOf(exported.record, source));
  // Drops the members that are undefined.
  return JSON.parse(JSON.stringify(event)) as JsonObject;
}

/** Returns what happened, in one sentence without a full stop. */
export const describeRecord = (record: AuditRecord): string =>
  bodyOf(record, { issuer: '', version: '' }).message;

const bodyOf = (record: AuditRecord, source: ExportSource): OcsfBody => {
  const describe = Object.hasOwn(BODIES, record.event)
    ? (BODIES[record.event] as (record: AuditRecord, source: ExportSource) => OcsfBody)
    : unknownBody;
  return describe(record, source);
};

/** A kind that only a newer release knows. */
const unknownBody = ({ event }: AuditRecord): OcsfBody => ({
  className: 'Base Event',
  activity: other(event),
  status: 'Unknown',
  message: `A record of the kind ${event}`,
  members: {},
});
