/** Records of the audit log in the formats of other systems. */

export { toCloudEvent } from './cloud-events.ts';
export { type ExportedRecord, type ExportSource, textOf } from './exported.ts';
export { incidentOf, receiptName } from './incident.ts';
export { toNdjson } from './ndjson.ts';
export { describeRecord, toOcsf } from './ocsf/index.ts';
export { toOtlpLogs } from './otlp.ts';
