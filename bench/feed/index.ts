/** The measurements of the feed: denials, sizes, replicas and appends. */
export { type AppendRow, measureAppends } from './appends.ts';
export { type DenialRow, measurePollingWorker, measureSubscribers } from './denial.ts';
export { measureReplica, type ReplicaRow } from './replica.ts';
export { deltaRow, headRow, type SizeRow, snapshotRow } from './sizes.ts';
