/** What the bench of the feed measures: denials, sizes, replicas, the log. */
export { type AppendRow, measureAppends } from './appends.ts';
export { type DenialRow, measurePollingWorker, measureSubscribers } from './denial.ts';
export { measureReplica, type ReplicaRow } from './replica.ts';
export { deltaRow, headRow, type SizeRow, snapshotRow } from './sizes.ts';
