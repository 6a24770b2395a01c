import type { UnixSeconds } from '../../clock.ts';
import { noRefusal, type RecordBase, type RecordKind } from './base.ts';

/** How an operator came to act, and which power that gave. */
export interface OperatorRecord extends RecordBase {
  readonly event: 'operator';
  readonly change:
    | 'signed_in'
    | 'signed_out'
    | 'break_glass'
    | 'proposed'
    | 'confirmed'
    | 'withdrawn';
  readonly actor: string;
  readonly source: string;
  /** The roles of a session, as the configuration then gave them. */
  readonly roles?: readonly string[];
  /** The end of a session. */
  readonly until?: UnixSeconds;
  /** What was ordered, or what the credential was used for: method and path of the route. */
  readonly route?: string;
  /** The id of an order that waited for a second person, and the digest of what both saw. */
  readonly proposal?: string;
  readonly digest?: string;
  /** Of a confirmation: the first person. `actor` is the second. */
  readonly author?: string;
  readonly reason?: string;
}

export const operatorKind: RecordKind<OperatorRecord> = {
  from: 'issuer',
  classOf: ({ change }) => (change === 'confirmed' ? 'grant' : 'stop'),
  refusedParty: noRefusal,
  written: 'afterwards; a confirmation before the order takes effect',
  contents:
    'An operator signed in or out, or the break-glass credential was used: `change`, actor, source; `roles` and `until` of a session, `route` of the credential. Or an order that needs two people was proposed, confirmed or withdrawn: `route`, `proposal`, `digest`, `reason`, and the first person as `author`.',
};
