import type { VersionSource } from '../../version/index.ts';
import { noRefusal, type OrderedRecord, type RecordKind } from './base.ts';

/** A version of policy and catalogue that was loaded or activated. */
export interface VersionRecord extends OrderedRecord {
  readonly event: 'version';
  /** `abandoned`: an activation could not be recorded, or not in time, and did not take effect. */
  readonly change: 'loaded' | 'activated' | 'abandoned';
  /** The id of the version. */
  readonly version: string;
  /** The SHA-256 of its catalogue. */
  readonly catalogue: string;
  /** The version that it replaces; absent if there was none, and for `loaded`. */
  readonly before?: string;
  readonly by: VersionSource;
  readonly actor: string;
  readonly reason: string;
}

export const versionKind: RecordKind<VersionRecord> = {
  from: 'issuer',
  // A version decides nothing before it is activated.
  classOf: ({ change }) => (change === 'abandoned' ? 'stop' : 'grant'),
  refusedParty: noRefusal,
  written: 'before an activation; after a load, and after an activation was abandoned',
  contents:
    'A version of policy and catalogue that was loaded or activated, or whose activation was abandoned because it could not be recorded: version, the hash of its catalogue, the version that it replaces, `by`, actor, reason. It belongs to no workflow.',
};
