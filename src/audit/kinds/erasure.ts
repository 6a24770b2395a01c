import { noRefusal, type OrderedRecord, type RecordKind } from './base.ts';

/** What the records of a person said was erased. It names the key, which says nothing of them. */
export interface ErasureRecord extends OrderedRecord {
  readonly event: 'erasure';
  /** The id of the key that was erased. What lies beside the entries names it. */
  readonly key: string;
  readonly actor: string;
  /** The operator's reference, such as the number of a case. */
  readonly reference?: string;
}

export const erasureKind: RecordKind<ErasureRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written: 'after the key was erased',
  contents:
    'What the records of a person said was erased: the id of the key, actor, `reference`. It names no person.',
};

/** A legal hold on what the records of a person say. */
export interface HoldRecord extends OrderedRecord {
  readonly event: 'hold';
  readonly change: 'set' | 'released';
  /** The id of the hold. */
  readonly hold: string;
  readonly actor: string;
  readonly reason: string;
}

export const holdKind: RecordKind<HoldRecord> = {
  from: 'issuer',
  classOf: ({ change }) => (change === 'set' ? 'stop' : 'grant'),
  refusedParty: noRefusal,
  written: 'after it is in force; a release before it',
  contents:
    'A legal hold on the records of a subject: `change` is `set` or `released`; hold, actor, reason. Under a hold, a key cannot be erased and the records are kept.',
};
