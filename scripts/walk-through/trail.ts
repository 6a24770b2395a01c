/** What the operator reads afterwards: everything that the workflow did, and every denial. */
import type { Capability } from '../../src/agent/index.ts';
import type { ExportedRecord } from '../../src/audit/export/index.ts';
import type { AuditRecord } from '../../src/audit/index.ts';
import { readTrail } from './operator.ts';
import type { Scene } from './scene.ts';
import type { Transcript } from './transcript.ts';

export async function showTrail(
  stage: Scene,
  { capability, calls: made }: { readonly capability: Capability; readonly calls: number },
  transcript: Transcript,
): Promise<void> {
  transcript.chapter("The workflow's audit trail");
  const isCall = ({ record }: ExportedRecord) =>
    record.event === 'decision' && record.tool !== undefined;
  const { records, end } = await readTrail(
    stage,
    capability.workflow,
    (trail) => trail.records.filter(isCall).length >= made,
  );
  for (const { record } of records) transcript.note(lineOf(record));
  const [first] = records;
  if (first !== undefined) {
    const { agent: workload, subject, owner, task } = first.record;
    transcript.note(
      `every record names agent ${workload}, subject ${subject}, owner ${owner}, task "${task}"`,
    );
  }
  const calls = records.filter(isCall).length;
  const events = records.map(({ record }) => record.event);
  transcript.check(
    calls === made &&
      events.includes('mint') &&
      events.includes('revocation') &&
      records.every(({ record }) => isAttributed(record, first?.record)),
    `it has each of the ${calls} calls, the mint and the revocation`,
    `it has ${calls} of ${made} calls, or a record that names someone else`,
  );
  transcript.check(
    end && !JSON.stringify(records).includes(capability.token),
    'each record has its place in one of the logs, and none contains a token',
    'it is not complete, or a record contains a token',
  );
}

const isAttributed = (record: AuditRecord, first: AuditRecord | undefined): boolean =>
  record.workflow !== undefined &&
  record.agent !== undefined &&
  record.agent === first?.agent &&
  record.subject === first.subject &&
  record.owner === first.owner;

function lineOf(record: AuditRecord): string {
  const at = new Date(record.at).toISOString().slice(11, 23);
  switch (record.event) {
    case 'mint':
      return `${at}  minted     ${record.grants.length} grants by ${record.rules.length} rules`;
    case 'refusal':
      return `${at}  refused    ${record.error} (${record.code})`;
    case 'refusals':
      return `${at}  refused    ${record.count} requests within a minute`;
    case 'revocation':
      return `${at}  revoked    by ${record.actor}: ${record.reason}`;
    case 'transition':
      return `${at}  ${record.to.padEnd(9)}  by ${record.actor}`;
    case 'closing':
      return `${at}  closed     after ${record.mints} capabilities`;
    case 'deviation':
      return `${at}  ${record.effect.padEnd(9)}  the rule ${record.rule} holds`;
    case 'rule_armed':
      return `${at}  armed      ${record.rule} by ${record.actor}`;
    case 'dispatch':
      return `${at}  going      ${record.tool}`;
    case 'outcome':
      return `${at}  came       ${record.outcome.result}`;
    case 'checkpoint':
      return `${at}  signed     the tree of ${record.log}`;
    case 'erasure':
      return `${at}  erased     the key of a person`;
    case 'hold':
      return `${at}  ${record.change.padEnd(9)}  a legal hold by ${record.actor}`;
    case 'operator':
      return `${at}  operator   ${record.actor}: ${record.change.replaceAll('_', ' ')}`;
    case 'gap':
      return `${at}  lost       records of ${record.verifier} after ${record.after}`;
    case 'denial':
      return `${at}  ${record.change.padEnd(9)}  the denial of ${record.scope} ${record.value}`;
    case 'key':
      return `${at}  ${record.change.padEnd(9)}  key ${record.key} of ${record.holder}`;
    case 'watermark':
      return `${at}  stopped    ${record.scope} by ${record.actor}: ${record.reason}`;
    case 'stream':
      return `${at}  stream     ${record.change} by ${record.actor}`;
    case 'version':
      return `${at}  ${record.change.padEnd(9)}  version ${record.version.slice(0, 12)}, ${record.by}`;
    case 'log_opened':
      return `${at}  opened     ${record.log}, after ${record.after.log}`;
    case 'approval_asked':
      return `${at}  asked      a person, for ${record.grants.length} grants`;
    case 'approval_decided':
      return `${at}  ${record.decision === 'approve' ? 'approved ' : 'declined '}  by ${record.by}`;
    case 'decision': {
      const what = record.tool ?? record.method ?? 'a message';
      const where = record.datasets?.join(' and ') ?? '';
      const came = record.allowed ? record.outcome?.result : record.code;
      const verdict = record.allowed ? 'allowed' : 'denied';
      return `${at}  ${verdict.padEnd(9)}  ${`${what} ${where}`.trim()}: ${came ?? 'no outcome'}`;
    }
  }
}
