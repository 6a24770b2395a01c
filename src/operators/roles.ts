import { PERMISSION_NAMES, type Permission } from './permissions.ts';

export interface RoleFacts {
  readonly permissions: readonly Permission[];
  /** What its holders do, for the documentation. */
  readonly purpose: string;
}

/** The roles of operators. A person may have several, each limited to owners or tools. */
export const ROLES = {
  viewer: {
    permissions: ['read'],
    purpose: 'Sees what runs, and changes nothing.',
  },
  auditor: {
    permissions: ['read', 'read-trail'],
    purpose: 'Reads everything, including the audit trail, and changes nothing.',
  },
  responder: {
    permissions: ['read', 'read-trail', 'suspend', 'revoke', 'deny', 'end-session', 'delegate'],
    purpose: 'Stops workflows, agents and tools during an incident. Cannot take a stop back.',
  },
  approver: {
    permissions: ['read', 'approve', 'delegate'],
    purpose: 'Answers what agents ask a person.',
  },
  'policy-author': {
    permissions: ['read', 'load-policy', 'activate-policy'],
    purpose: 'Loads, tries and activates versions of policy and catalogue.',
  },
  administrator: {
    permissions: PERMISSION_NAMES,
    purpose: 'Does everything, including what takes a stop back.',
  },
} as const satisfies Readonly<Record<string, RoleFacts>>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];

/** Returns the roles that include a permission. */
export const rolesWith = (permission: Permission): readonly Role[] =>
  ROLE_NAMES.filter((role) => ROLES[role].permissions.some((each) => each === permission));
