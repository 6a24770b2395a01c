import type { UnixSeconds } from '../../clock.ts';
import { noRefusal, type OrderedRecord, type RecordKind } from './base.ts';

/** How an operator came to act, and which power that gave. */
export interface OperatorRecord extends OrderedRecord {
  readonly event: 'operator';
  readonly change:
    | 'signed_in'
    | 'signed_out'
    | 'break_glass'
    | 'proposed'
    | 'confirmed'
    | 'withdrawn'
    | 'session_ended'
    | 'capability_minted'
    | 'capability_stopped'
    | 'passkey_added'
    | 'passkey_removed';
  readonly actor: string;
  readonly source: string;
  /** The roles of a session, as the configuration then gave them. */
  readonly roles?: readonly string[];
  /** The end of a session, or of a capability. */
  readonly until?: UnixSeconds;
  /** What was ordered, or what the credential was used for: method and path of the route. */
  readonly route?: string;
  /** The id of an order that waited for a second person, and the digest of what both saw. */
  readonly proposal?: string;
  readonly digest?: string;
  /** Of a confirmation: the first person. `actor` is the second. */
  readonly author?: string;
  /** The person whose sessions were ended. */
  readonly person?: string;
  /** The id of an operator capability, and the revocation id of its first or its stopped block. */
  readonly capability?: string;
  readonly block?: string;
  /** What an operator capability was minted for, and the thumbprint of the key of its holder. */
  readonly grants?: readonly {
    readonly permission: string;
    readonly owners?: readonly string[];
    readonly tools?: readonly string[];
  }[];
  readonly holder?: string;
  /** The id of a passkey that a person added, or that was taken from `person`. */
  readonly passkey?: string;
  readonly reason?: string;
}

const GRANTS: readonly OperatorRecord['change'][] = [
  ...(['confirmed', 'capability_minted', 'passkey_added'] as const),
];

export const operatorKind: RecordKind<OperatorRecord> = {
  from: 'issuer',
  classOf: ({ change }) => (GRANTS.includes(change) ? 'grant' : 'stop'),
  refusedParty: noRefusal,
  written:
    'afterwards; a confirmation before the order takes effect, a capability before it is handed out, a passkey before it counts',
  contents:
    'An operator signed in or out, or the break-glass credential was used: `change`, actor, source; `roles` and `until` of a session, `route` of the credential. Or an order that needs two people was proposed, confirmed or withdrawn: `route`, `proposal`, `digest`, `reason`, and the first person as `author`. Or the sessions of another `person` were ended, or an operator capability was minted or stopped: `capability`, `block`, `grants`, `holder`, `until`, `reason`. Or a `passkey` was added or removed.',
};
