/**
 * Operators: who may do what at the issuer, as pure functions of plain data. Roles, permissions,
 * their limits to owners and tools, and the operators that a deployment knows.
 */
export {
  ACCESS_PROVIDER,
  claimsRead,
  type Directory,
  directoryFaults,
  OPERATOR_PARTS,
  type ProviderSettings,
  readDirectory,
  rolesOf,
  SESSION_MINUTES_DEFAULT,
} from './directory.ts';
export {
  type About,
  limitsOf,
  may,
  mayDelegate,
  type Operator,
  type OperatorClaims,
  type OperatorSource,
  type PermissionGrant,
  powersOf,
  type RoleGrant,
} from './operator.ts';
export {
  isOpening,
  isReading,
  PERMISSION_NAMES,
  PERMISSIONS,
  type Permission,
} from './permissions.ts';
export { ROLE_NAMES, ROLES, type Role } from './roles.ts';
