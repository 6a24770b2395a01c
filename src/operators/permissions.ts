/**
 * What an operator may do at the issuer. Each route of the admin API needs exactly one of them. An
 * operator capability names one as the tool `hewn/admin/<permission>`.
 */
export interface PermissionFacts {
  /**
   * `stops`: takes power away, so it never waits for a second person. `opens`: gives power or takes
   * back a stop, so a deployment may require a second person.
   */
  readonly effect: 'reads' | 'stops' | 'opens' | 'changes';
  /** What it allows, for the documentation, starting with a verb. */
  readonly purpose: string;
}

export const PERMISSIONS = {
  read: {
    effect: 'reads',
    purpose: 'Shows workflows, approvals, denials, rules, versions, streams and the health.',
  },
  'read-trail': {
    effect: 'reads',
    purpose: 'Searches the audit logs, and reads entries, receipts and legal holds.',
  },
  suspend: { effect: 'stops', purpose: 'Suspends workflows.' },
  revoke: { effect: 'stops', purpose: 'Revokes workflows and blocks of tokens.' },
  deny: { effect: 'stops', purpose: 'Adds denials and watermarks.' },
  'end-session': {
    effect: 'stops',
    purpose:
      'Ends sessions of other people, and operator capabilities with whatever was narrowed from them.',
  },
  resume: { effect: 'opens', purpose: 'Resumes suspended workflows.' },
  lift: { effect: 'opens', purpose: 'Lifts denials and withdraws watermarks.' },
  approve: { effect: 'opens', purpose: 'Approves or refuses what agents ask for.' },
  'load-policy': {
    effect: 'changes',
    purpose: 'Stores versions of policy and catalogue, and tries drafts on recorded requests.',
  },
  'activate-policy': {
    effect: 'opens',
    purpose: 'Makes the issuer decide by a stored version, which is also how one rolls back.',
  },
  'arm-rule': { effect: 'changes', purpose: 'Lets a rule that the breaker holds back act again.' },
  erase: { effect: 'opens', purpose: 'Erases what the audit logs say about a person.' },
  hold: { effect: 'opens', purpose: 'Sets and releases legal holds.' },
  keys: { effect: 'opens', purpose: 'Publishes and withdraws keys.' },
  streams: { effect: 'changes', purpose: 'Creates, changes and removes streams of events.' },
  maintain: { effect: 'changes', purpose: 'Rebuilds indexes and other data that is derived.' },
  delegate: {
    effect: 'opens',
    purpose: 'Mints operator capabilities for what the operator may do, never for more.',
  },
} as const satisfies Readonly<Record<string, PermissionFacts>>;

export type Permission = keyof typeof PERMISSIONS;

export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as readonly Permission[];

/** Whether a permission may be put under the rule of two people. Stopping never waits. */
export const isOpening = (permission: Permission): boolean =>
  PERMISSIONS[permission].effect === 'opens';

export const isReading = (permission: Permission): boolean =>
  PERMISSIONS[permission].effect === 'reads';
