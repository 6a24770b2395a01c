/**
 * Examines a running deployment: checks as a table, run in parallel, each within a bound of time.
 */
export { CHECKS } from './checks/index.ts';
export {
  examine,
  type Finding,
  type FindingStatus,
  type GatewayRoute,
  type Site,
} from './examine.ts';
