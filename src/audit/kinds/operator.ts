import type { UnixSeconds } from '../../clock.ts';
import { noRefusal, type OrderedRecord, type RecordKind } from './base.ts';

/** A stop of everything in a scope that was issued before a time. */
export interface WatermarkRecord extends OrderedRecord {
  readonly event: 'watermark';
  /** The watermark could hit no token, and its place in the head is free again. */
  readonly withdrawn?: true;
  readonly scope: string;
  readonly value: string;
  readonly before: UnixSeconds;
  readonly actor: string;
  readonly reason: string;
}

export const watermarkKind: RecordKind<WatermarkRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written: 'after the entry in the feed',
  contents:
    'Everything in a scope that was issued before a time was stopped: scope, value, `before`, actor, reason. `withdrawn` marks the withdrawal of one that could hit no token.',
};

/** An operator's denial of a scope, or its end. */
export interface DenialRecord extends OrderedRecord {
  readonly event: 'denial';
  readonly change: 'set' | 'lifted' | 'ended';
  readonly scope: string;
  readonly value: string;
  /** Stops what was issued before; a denied tool stops only its calls. */
  readonly before: UnixSeconds;
  /** Its end, if it has one. */
  readonly until?: UnixSeconds;
  /** `operator`, or `clock` at its end. */
  readonly actor: string;
  readonly reason: string;
}

export const denialKind: RecordKind<DenialRecord> = {
  from: 'issuer',
  classOf: ({ change }) => (change === 'lifted' ? 'grant' : 'stop'),
  refusedParty: noRefusal,
  written: 'after the entry in the feed; a lift before it',
  contents:
    'A scope that an operator denies or no longer denies: `change` is `set`, `lifted`, or `ended` by the clock; scope, value, `before`, `until`, actor, reason.',
};

/** A key that heads of the feed name from now on, or no longer. */
export interface KeyRecord extends OrderedRecord {
  readonly event: 'key';
  readonly change: 'added' | 'removed';
  /** For what it counts. */
  readonly list: 'receipt_keys' | 'approver_keys';
  /** Its id in the list. */
  readonly key: number;
  /** 32 bytes in lower-case hex. */
  readonly public_key: string;
  /** The gateway that has it, or for whom it approves. */
  readonly holder: string;
  /** The datasets whose calls it may approve. They are absent if there is no such limit. */
  readonly datasets?: readonly string[];
  /** Its end, if it has one. */
  readonly until?: UnixSeconds;
  readonly actor: string;
  readonly reason: string;
}

export const keyKind: RecordKind<KeyRecord> = {
  from: 'issuer',
  classOf: ({ change }) => (change === 'added' ? 'grant' : 'stop'),
  refusedParty: noRefusal,
  written: 'before the head names the key; a removal after it',
  contents:
    'A key for receipts or for approvals of calls that heads of the feed name from now on, or no longer: `change` is `added` or `removed`; `list`, the id of the key, the key, `holder`, `datasets`, `until`, actor, reason. It belongs to no workflow.',
};

/** An operator's change of a stream of security events. */
export interface StreamRecord extends OrderedRecord {
  readonly event: 'stream';
  readonly stream: string;
  readonly change: 'created' | 'enabled' | 'paused' | 'disabled' | 'removed';
  readonly actor: string;
  readonly audience?: string;
  /** The URL that events are pushed to; absent if the receiver polls. */
  readonly endpoint?: string;
}

export const streamKind: RecordKind<StreamRecord> = {
  from: 'issuer',
  classOf: () => 'grant',
  refusedParty: noRefusal,
  written: 'before the change; after it to pause, disable or remove',
  contents:
    'A stream of security events that an operator created, changed or removed: stream, change, actor, receiver. It belongs to no workflow.',
};
