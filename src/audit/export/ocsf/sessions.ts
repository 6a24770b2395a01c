import type { AuditRecord, MintRecord, RefusalRecord } from '../../kinds/index.ts';
import { type ExportSource, textOf } from '../exported.ts';
import { type OcsfBody, type OcsfPart, sessionOf, userOf } from './event.ts';

const ASSIGN_PRIVILEGES = [1, 'Assign Privileges'] as const;

export const mintBody = (record: MintRecord, source: ExportSource): OcsfBody => ({
  className: 'Authorize Session',
  activity: ASSIGN_PRIVILEGES,
  message: `Capability minted with ${record.grants?.length ?? 0} grants`,
  members: {
    user: userOf(record),
    privileges: privilegesOf(record.grants),
    session: {
      ...sessionOf(record, source),
      created_time: record.at,
      expiration_time: typeof record.expires === 'number' ? record.expires * 1_000 : undefined,
    },
    actor: actorOf(record),
    dst_endpoint: audienceOf(record.audience),
  },
});

export const refusalBody = (record: RefusalRecord): OcsfBody => ({
  className: 'Authorize Session',
  activity: ASSIGN_PRIVILEGES,
  status: 'Failure',
  statusCode: record.code,
  statusDetail: record.error,
  message: `Token request refused: ${record.code}`,
  members: {
    user: userOf(record),
    privileges: privilegesOf(record.grants),
    actor: actorOf(record),
    dst_endpoint: audienceOf(record.audience),
  },
});

/** A grant in one text. A list that was too long for the record is there as a digest. */
function privilegesOf(grants: MintRecord['grants'] | undefined): readonly string[] {
  if (!Array.isArray(grants)) return [textOf(grants) ?? 'unknown'];
  return grants.map(({ action, tool, dataset }) => `${action} ${tool} ${dataset}`);
}

const actorOf = (record: AuditRecord): OcsfPart => ({
  user: userOf(record),
  app_uid: textOf(record.agent),
});

const audienceOf = (audience: unknown): OcsfPart | undefined => {
  const name = textOf(audience);
  return name === undefined ? undefined : { svc_name: name };
};
