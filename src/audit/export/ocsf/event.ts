import { type AuditRecord, recordClassOf } from '../../kinds/index.ts';
import { type ExportedRecord, type ExportSource, textOf } from '../exported.ts';

/** The version of the schema that the events follow. Its `ai_agent` and attestations are new. */
const OCSF_VERSION = '1.9.0-dev';

/** An event of OCSF. Members that are undefined are left out of its JSON. */
export type OcsfPart = Readonly<Record<string, unknown>>;

/** What a kind of record adds to the members that every event has. */
export interface OcsfBody {
  readonly className: keyof typeof CLASSES;
  readonly activity: readonly [id: number, name: string];
  readonly status?: 'Success' | 'Failure' | 'Unknown';
  readonly statusCode?: string | undefined;
  readonly statusDetail?: string | undefined;
  readonly message: string;
  /** Profiles besides `record_integrity` and `ai_operation`. */
  readonly profiles?: readonly string[];
  /** The members of the class. */
  readonly members: OcsfPart;
}

const CLASSES = {
  'Base Event': { uid: 0, category: 0, categoryName: 'Uncategorized' },
  'Authorize Session': { uid: 3003, category: 3, categoryName: 'Identity & Access Management' },
  'Entity Management': { uid: 3004, category: 3, categoryName: 'Identity & Access Management' },
  'API Activity': { uid: 6003, category: 6, categoryName: 'Application Activity' },
} as const;

const STATUS_IDS = { Unknown: 0, Success: 1, Failure: 2 } as const;

/** An activity that the class has no number for. */
export const other = (name: string): readonly [number, string] => [99, name];

/** Returns the event: what all kinds have in common around what a kind adds. */
export function envelope(exported: ExportedRecord, source: ExportSource, body: OcsfBody): OcsfPart {
  const { record, log, index } = exported;
  const { className, activity, status = 'Success', members } = body;
  const { uid, category, categoryName } = CLASSES[className];
  const [activityId, activityName] = activity;
  const agent = className === 'Base Event' ? undefined : aiAgentOf(record);
  const attestation = attestationOf(exported, source);
  const severity = severityOf(record);
  return {
    activity_id: activityId,
    activity_name: activityName,
    category_uid: category,
    category_name: categoryName,
    class_uid: uid,
    class_name: className,
    type_uid: uid * 100 + activityId,
    type_name: `${className}: ${activityName}`,
    severity_id: severity === 'Informational' ? 1 : severity === 'Low' ? 2 : 3,
    severity,
    time: record.at,
    status_id: STATUS_IDS[status],
    status,
    status_code: body.statusCode,
    status_detail: body.statusDetail,
    message: body.message,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Hewn', vendor_name: 'Hewn', version: source.version },
      uid: record.id,
      event_code: record.event,
      correlation_uid: record.workflow,
      log_name: log,
      log_provider: source.issuer,
      sequence: index,
      original_time: new Date(record.at).toISOString(),
      profiles: [
        ...(body.profiles ?? []),
        ...(agent ? ['ai_operation'] : []),
        ...(attestation ? ['record_integrity'] : []),
      ],
      labels: exported.erased?.map((name) => `erased:${name}`),
    },
    ...members,
    ai_agent: agent,
    attestation_list: attestation && [attestation],
    // Everything of the record, because other systems have no names for most of it.
    raw_data: JSON.stringify(record),
  };
}

function severityOf(record: AuditRecord): 'Informational' | 'Low' | 'Medium' {
  if (recordClassOf(record) === 'stop' || record.event === 'gap') return 'Medium';
  const isRefusal =
    (record.event === 'decision' && !record.allowed) ||
    record.event === 'refusal' ||
    record.event === 'refusals';
  return isRefusal ? 'Low' : 'Informational';
}

/** The agent under its stable name; its run is the workflow. */
function aiAgentOf({ agent, workflow }: AuditRecord): OcsfPart | undefined {
  const uid = textOf(agent);
  return uid === undefined
    ? undefined
    : { uid, name: uid, instance_uid: workflow, type_id: 0, type: 'Unknown' };
}

/** The leaf of the record in the tree of its log, with which it can be compared with a proof. */
function attestationOf(
  { log, index, leaf }: ExportedRecord,
  { issuer }: ExportSource,
): OcsfPart | undefined {
  if (leaf === undefined) return undefined;
  return {
    uid: String(index),
    chain_uid: `${issuer.replace(/^https?:\/\//, '')}/audit/${log}`,
    authority_uid: issuer,
    fingerprint: {
      algorithm_id: 3,
      algorithm: 'SHA-256',
      encoding_id: 1,
      encoding: 'Hex',
      serialization_id: 99,
      serialization: 'RFC 9162 leaf of the RFC 8785 form of the entry',
      value: leaf,
    },
  };
}

/** The user that an event is about. Without one, the agent acts for itself, as a service. */
export function userOf({ subject, owner, agent }: AuditRecord): OcsfPart {
  const uid = textOf(subject) ?? textOf(agent);
  if (uid === undefined) return { uid: 'unknown', type_id: 0, type: 'Unknown' };
  const isService = subject === undefined || subject === agent;
  if (isService) return { uid, type_id: 4, type: 'Service' };
  // The subject of a workflow without a user is its owner, who may be a team.
  return subject === owner
    ? { uid, type_id: 0, type: 'Unknown' }
    : { uid, type_id: 1, type: 'User' };
}

/** The workflow as a session. */
export const sessionOf = (
  { workflow }: AuditRecord,
  { issuer }: ExportSource,
): OcsfPart | undefined => (workflow === undefined ? undefined : { uid: workflow, issuer });
