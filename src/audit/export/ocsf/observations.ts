import type { DeviationRecord, GapRecord, RefusalsRecord } from '../../kinds/index.ts';
import { type OcsfBody, other } from './event.ts';

/** Events that no class describes: what was counted, missing, or noticed. */

export const refusalsBody = (record: RefusalsRecord): OcsfBody => ({
  className: 'Base Event',
  activity: other('Refusals'),
  status: 'Failure',
  message: `${record.count} requests refused within a minute`,
  members: {
    count: record.count,
    start_time: record.from,
    end_time: record.to,
    duration: record.to - record.from,
  },
});

export const gapBody = ({ verifier, after, before }: GapRecord): OcsfBody => ({
  className: 'Base Event',
  activity: other('Gap'),
  status: 'Failure',
  message: `Records of the verifier ${verifier} between ${after} and ${before} never arrived`,
  members: {},
});

export const deviationBody = ({ rule, version, action, effect }: DeviationRecord): OcsfBody => ({
  className: 'Base Event',
  activity: other('Deviation'),
  statusCode: effect,
  message: `Deviation rule ${rule}@${version} held, action ${action}: ${effect}`,
  members: {},
});
