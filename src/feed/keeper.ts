/** What the keeper of a log writes with; no verifier loads it. */
export { chainInput, type EpochStart, epochInput } from './chain.ts';
export { isEntry } from './entry.ts';
export { headPayload, signHead } from './head-writer.ts';
export { decodeRecords } from './record-reader.ts';
export { encodeEntry } from './record-writer.ts';
export { encodeSnapshot, type LiveRevocation, type SnapshotContent } from './snapshot-writer.ts';
export { WatermarkSet } from './watermarks.ts';
export { WorkflowStops } from './workflow-stops.ts';
