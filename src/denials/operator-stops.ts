import type { DenialCode } from './denials.ts';

/** What an operator or a rule has stopped stays stopped, whatever the mode of a route. */
const OPERATOR_STOPS: readonly DenialCode[] = [
  'revoked',
  'suspended',
  'tool_denied',
  'workflow_stopped',
];

/** Returns whether a denial is a stop, which a route that only observes enforces as well. */
export const isOperatorStop = (code: string): boolean =>
  (OPERATOR_STOPS as readonly string[]).includes(code);
