import { DENIALS, type DenialCode } from '../../../denials/index.ts';
import type { AuditRecord, DecisionRecord, DispatchRecord, Outcome } from '../../kinds/index.ts';
import { type ExportSource, textOf } from '../exported.ts';
import { type OcsfBody, type OcsfPart, other, sessionOf, userOf } from './event.ts';

type OutcomeRecord = Extract<AuditRecord, { event: 'outcome' }>;

/** The actions of the catalogue that API Activity has a number for. */
const ACTIVITIES: Readonly<Record<string, readonly [number, string]>> = {
  create: [1, 'Create'],
  read: [2, 'Read'],
  write: [3, 'Update'],
  delete: [4, 'Delete'],
};

export function decisionBody(record: DecisionRecord, source: ExportSource): OcsfBody {
  const { allowed, observed, code = '', outcome } = record;
  const isMade = allowed || observed === true;
  const advice = Object.hasOwn(DENIALS, code) ? DENIALS[code as DenialCode].message : undefined;
  return {
    ...callBody(record),
    status: isMade ? statusOf(outcome) : 'Failure',
    statusCode: code === '' ? undefined : code,
    statusDetail: advice,
    message: `${observed ? 'Observed' : allowed ? 'Allowed' : 'Denied'}: ${callText(record)}`,
    members: {
      ...callMembers(record, source, outcome),
      ...controlOf(observed ? 'Observed' : allowed ? 'Allowed' : 'Denied', record),
    },
  };
}

export const dispatchBody = (record: DispatchRecord, source: ExportSource): OcsfBody => ({
  ...callBody(record),
  status: 'Unknown',
  message: `About to be made: ${callText(record)}`,
  members: { ...callMembers(record, source), ...controlOf('Allowed', record) },
});

export const outcomeBody = (record: OutcomeRecord, source: ExportSource): OcsfBody => ({
  className: 'API Activity',
  activity: other('Outcome'),
  status: statusOf(record.outcome),
  statusCode: record.outcome.result,
  statusDetail: record.outcome.cause,
  message: `Outcome of the call ${record.decision}: ${record.outcome.result}`,
  members: {
    actor: actorOf(record, source),
    api: {
      operation: 'outcome',
      request: { uid: record.decision },
      response: { code: record.outcome.status },
    },
    ...endpointsOf(record),
  },
});

const callBody = ({
  action = '',
}: DecisionRecord | DispatchRecord): Pick<OcsfBody, 'className' | 'activity' | 'profiles'> => ({
  className: 'API Activity',
  activity: ACTIVITIES[action] ?? other(action === '' ? 'Message' : action),
  profiles: ['security_control'],
});

/** The call could have happened if its outcome is not known. */
function statusOf(outcome: Outcome | undefined): 'Success' | 'Failure' | 'Unknown' {
  switch (outcome?.result) {
    case 'ok':
      return 'Success';
    case 'tool_error':
    case 'protocol_error':
    case 'upstream_refused':
      return 'Failure';
    default:
      return 'Unknown';
  }
}

function callMembers(
  record: DecisionRecord | DispatchRecord,
  source: ExportSource,
  outcome?: Outcome,
): OcsfPart {
  const owner = textOf(record.owner);
  return {
    actor: actorOf(record, source),
    api: {
      operation: record.tool ?? record.method ?? 'message',
      service: { name: record.verifier },
      request: { uid: record.id },
      response: outcome && { code: outcome.status, message: outcome.result },
    },
    http_response: outcome && {
      code: outcome.status,
      latency: Math.round(outcome.milliseconds),
      body_length: outcome.bytes,
    },
    resources: record.datasets?.map((dataset) => ({
      uid: dataset,
      name: dataset,
      type: 'dataset',
      owner: owner === undefined ? undefined : { uid: owner },
      labels: 'labels' in record ? record.labels : undefined,
    })),
    ...endpointsOf(record),
  };
}

const actorOf = (record: AuditRecord, source: ExportSource): OcsfPart => ({
  user: userOf(record),
  session: sessionOf(record, source),
  app_uid: textOf(record.agent),
});

/** The caller is known by its address only where a route observes; else by its name. */
function endpointsOf(record: DecisionRecord | DispatchRecord | OutcomeRecord): OcsfPart {
  const address = 'sample' in record ? record.sample?.source?.address : undefined;
  return {
    src_endpoint: {
      name: textOf(record.agent) ?? 'unknown',
      // The gateway shortens an IPv6 address to its network, which is no address.
      ip: address?.includes('/') ? undefined : address,
      subnet_uid: address?.includes('/') ? address : undefined,
    },
    dst_endpoint: { svc_name: record.verifier },
  };
}

const ACTION_IDS = { Allowed: 1, Denied: 2, Observed: 3 } as const;
const DISPOSITIONS = {
  Allowed: [1, 'Allowed'],
  Denied: [2, 'Blocked'],
  Observed: [17, 'Logged'],
} as const;

/** The profile `security_control`: what was decided, and by which policy. */
function controlOf(
  action: keyof typeof ACTION_IDS,
  { catalogue, tool }: DecisionRecord | DispatchRecord,
): OcsfPart {
  const [dispositionId, disposition] = DISPOSITIONS[action];
  return {
    action_id: ACTION_IDS[action],
    action,
    disposition_id: dispositionId,
    disposition,
    authorizations: [
      {
        decision: action.toLowerCase(),
        policy: catalogue && { uid: catalogue.judged, type: 'Tool catalogue', name: tool },
      },
    ],
  };
}

const callText = ({ tool, method, datasets = [] }: DecisionRecord | DispatchRecord): string =>
  [tool ?? method ?? 'a message', datasets.join(', ')].filter((part) => part !== '').join(' ');
