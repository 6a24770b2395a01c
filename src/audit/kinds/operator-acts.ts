import type { UnixSeconds } from '../../clock.ts';
import { noRefusal, type RecordBase, type RecordKind } from './base.ts';

/** How an operator came to act, and which power that gave. */
export interface OperatorRecord extends RecordBase {
  readonly event: 'operator';
  readonly change: 'signed_in' | 'signed_out' | 'break_glass';
  readonly actor: string;
  readonly source: string;
  /** The roles of a session, as the configuration then gave them. */
  readonly roles?: readonly string[];
  /** The end of a session. */
  readonly until?: UnixSeconds;
  /** What the break-glass credential was used for: method and path of the route. */
  readonly route?: string;
}

export const operatorKind: RecordKind<OperatorRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written: 'afterwards: a full log keeps no one from stopping something',
  contents:
    'An operator signed in or out, or the break-glass credential was used: `change`, actor, source; `roles` and `until` of a session, `route` of the credential.',
};
