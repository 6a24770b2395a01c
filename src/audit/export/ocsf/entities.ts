import type { Move } from '../../../lifecycle/index.ts';
import type {
  ApprovalAskedRecord,
  ApprovalDecidedRecord,
  CheckpointRecord,
  ClosingRecord,
  DenialRecord,
  ErasureRecord,
  HoldRecord,
  KeyRecord,
  LogOpenedRecord,
  OperatorRecord,
  RevocationRecord,
  RuleArmedRecord,
  StreamRecord,
  TransitionRecord,
  VersionRecord,
  WatermarkRecord,
} from '../../kinds/index.ts';
import { textOf } from '../exported.ts';
import type { OcsfBody, OcsfPart } from './event.ts';

type Activity = readonly [number, string];

const CREATE: Activity = [1, 'Create'];
const UPDATE: Activity = [3, 'Update'];
const DELETE: Activity = [4, 'Delete'];
const ENABLE: Activity = [8, 'Enable'];
const DISABLE: Activity = [9, 'Disable'];
const ACTIVATE: Activity = [10, 'Activate'];
const DEACTIVATE: Activity = [11, 'Deactivate'];

interface Change {
  readonly activity: Activity;
  readonly entity: OcsfPart;
  /** Who acted: `operator`, `clock`, a rule, or a person who decided. */
  readonly actor: unknown;
  readonly reason?: unknown;
  readonly message: string;
  readonly status?: OcsfBody['status'];
}

/** The event of a change of something that Hewn manages. */
const changed = ({ activity, entity, actor, reason, message, status }: Change): OcsfBody => ({
  className: 'Entity Management',
  activity,
  ...(status && { status }),
  message,
  members: {
    entity,
    comment: textOf(reason),
    actor: { user: { name: textOf(actor) ?? 'unknown', type_id: 0, type: 'Unknown' } },
  },
});

/** Something that OCSF has no type of entity for. */
const entity = (type: string, uid: string): OcsfPart => ({ uid, name: uid, type_id: 99, type });

/** A rule that decides about others: OCSF calls it a policy. */
const policy = (type: string, uid: string): OcsfPart => ({
  uid,
  name: uid,
  type_id: 5,
  type: 'Policy',
  policy: { uid, name: uid, type },
});

export const revocationBody = ({ kind, target, actor, reason }: RevocationRecord): OcsfBody =>
  changed({
    activity: DISABLE,
    entity: entity(kind === 'workflow' ? 'Workflow' : 'Token block', target),
    actor,
    reason,
    message: `Revoked: ${kind} ${target}`,
  });

const MOVES: Readonly<Record<Move, Activity>> = {
  start: CREATE,
  suspend: [12, 'Suspend'],
  resume: [13, 'Resume'],
  complete: UPDATE,
  finish: DEACTIVATE,
  fail: DEACTIVATE,
  revoke: DISABLE,
  expire: DEACTIVATE,
};

export function transitionBody(record: TransitionRecord): OcsfBody {
  const { move, from, to, actor, reason, workflow = 'unknown', superseded } = record;
  return changed({
    activity: MOVES[move],
    entity: entity('Workflow', workflow),
    actor,
    reason,
    message: `Workflow ${workflow}: ${from} to ${to}${superseded ? ' (superseded)' : ''}`,
    ...(superseded && { status: 'Failure' as const }),
  });
}

export const closingBody = ({ state, workflow = 'unknown' }: ClosingRecord): OcsfBody =>
  changed({
    activity: DEACTIVATE,
    entity: entity('Workflow', workflow),
    actor: 'clock',
    message: `Workflow ${workflow}: closed, ${state}`,
  });

export const watermarkBody = (record: WatermarkRecord): OcsfBody =>
  changed({
    activity: record.withdrawn ? DELETE : CREATE,
    entity: policy('Watermark', `${record.scope}:${textOf(record.value) ?? ''}`),
    actor: record.actor,
    reason: record.reason,
    message: `Watermark of ${record.scope} ${record.withdrawn ? 'withdrawn' : 'set'}`,
  });

const DENIAL_CHANGES: Readonly<Record<DenialRecord['change'], Activity>> = {
  set: CREATE,
  lifted: DELETE,
  ended: DELETE,
};

export const denialBody = (record: DenialRecord): OcsfBody =>
  changed({
    activity: DENIAL_CHANGES[record.change],
    entity: policy('Denial', `${record.scope}:${textOf(record.value) ?? ''}`),
    actor: record.actor,
    reason: record.reason,
    message: `Denial of ${record.scope} ${record.change}`,
  });

export const keyBody = (record: KeyRecord): OcsfBody =>
  changed({
    activity: record.change === 'added' ? CREATE : DELETE,
    entity: entity('Key of the feed', `${record.list}:${record.key}`),
    actor: record.actor,
    reason: record.reason,
    message: `Key ${record.key} of ${record.list} ${record.change}`,
  });

export const ruleArmedBody = ({ rule, actor, reason }: RuleArmedRecord): OcsfBody =>
  changed({
    activity: ENABLE,
    entity: policy('Deviation rule', rule),
    actor,
    reason,
    message: `Deviation rule ${rule} armed`,
  });

export const erasureBody = ({ key, actor, reference }: ErasureRecord): OcsfBody =>
  changed({
    activity: DELETE,
    entity: entity('Key of a person', key),
    actor,
    reason: reference,
    message: `Key ${key} of a person erased`,
  });

export const checkpointBody = ({ log }: CheckpointRecord): OcsfBody =>
  changed({
    activity: CREATE,
    entity: entity('Checkpoint', log),
    actor: 'issuer',
    reason: undefined,
    message: `Checkpoint of ${log} signed`,
  });

const OPERATOR_CHANGES = {
  signed_in: [99, 'Operator session began'],
  signed_out: [99, 'Operator session ended'],
  break_glass: [99, 'Break-glass credential used'],
  proposed: [99, 'Order proposed'],
  confirmed: [99, 'Order confirmed'],
  withdrawn: [99, 'Order withdrawn'],
  session_ended: [99, 'Operator sessions ended by another'],
  capability_minted: [99, 'Operator capability minted'],
  capability_stopped: [99, 'Operator capability stopped'],
  passkey_added: [99, 'Passkey added'],
  passkey_removed: [99, 'Passkey removed'],
} as const satisfies Readonly<Record<OperatorRecord['change'], Activity>>;

export const operatorBody = ({ change, actor, route }: OperatorRecord): OcsfBody =>
  changed({
    activity: OPERATOR_CHANGES[change],
    entity: entity('Operator', actor),
    actor,
    reason: undefined,
    message: `${OPERATOR_CHANGES[change][1]}${route === undefined ? '' : ` for ${route}`}`,
  });

export const holdBody = ({ hold, change, actor, reason }: HoldRecord): OcsfBody =>
  changed({
    activity: change === 'set' ? CREATE : DELETE,
    entity: policy('Legal hold', hold),
    actor,
    reason,
    message: `Legal hold ${hold} ${change}`,
  });

const STREAM_CHANGES: Readonly<Record<StreamRecord['change'], Activity>> = {
  created: CREATE,
  enabled: ENABLE,
  paused: [12, 'Suspend'],
  disabled: DISABLE,
  removed: DELETE,
};

export const streamBody = ({ stream, change, actor }: StreamRecord): OcsfBody =>
  changed({
    activity: STREAM_CHANGES[change],
    entity: entity('Stream of security events', stream),
    actor,
    message: `Stream ${stream} ${change}`,
  });

const VERSION_CHANGES: Readonly<Record<VersionRecord['change'], Activity>> = {
  loaded: CREATE,
  activated: ACTIVATE,
  abandoned: ACTIVATE,
};

export const versionBody = ({ version, change, actor, reason }: VersionRecord): OcsfBody =>
  changed({
    activity: VERSION_CHANGES[change],
    entity: policy('Policy version', version),
    actor,
    reason,
    message: `Version ${version} ${change}`,
    ...(change === 'abandoned' && { status: 'Failure' as const }),
  });

export const logOpenedBody = ({ log, after }: LogOpenedRecord): OcsfBody =>
  changed({
    activity: CREATE,
    entity: entity('Audit log', log),
    actor: 'issuer',
    message: `Log ${log} opened after ${after.log}`,
  });

export const approvalAskedBody = (record: ApprovalAskedRecord): OcsfBody =>
  changed({
    activity: CREATE,
    entity: entity('Approval request', record.approval),
    actor: record.agent,
    message: `Approval ${record.approval} asked`,
  });

export const approvalDecidedBody = (record: ApprovalDecidedRecord): OcsfBody =>
  changed({
    activity: record.decision === 'approve' ? ENABLE : DISABLE,
    entity: entity('Approval request', record.approval),
    actor: record.by,
    reason: record.reason,
    message: `Approval ${record.approval}: ${record.decision}`,
  });
