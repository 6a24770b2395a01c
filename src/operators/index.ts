/**
 * Operators: who may do what at the issuer, as pure functions of plain data. Roles, permissions,
 * their limits to owners and tools, and the operators that a deployment knows.
 */
export {
  type About,
  limitsOf,
  may,
  type Operator,
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
export { ROLE_NAMES, ROLES } from './roles.ts';
