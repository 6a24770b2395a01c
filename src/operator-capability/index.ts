/**
 * Operator capabilities: what an operator may do, as a token that can be narrowed and handed on
 * offline. A permission is a tool, an owner a dataset. Pure functions; the issuer mints and accepts
 * them, and `hewn operators` narrows them.
 */
export { allowsOrder } from './allows.ts';
export {
  adminAudience,
  grantsOf,
  LIMITS_PER_GRANT_MAX,
  OPERATOR_CAPABILITY_SECONDS_MAX,
  ownerDataset,
  permissionTool,
} from './vocabulary.ts';
