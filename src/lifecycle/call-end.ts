import type { CallEnd } from './budget-client.ts';

/** Results of an outcome after which a call did nothing, or said that it failed. */
const FAILED: readonly (string | undefined)[] = [
  'tool_error',
  'protocol_error',
  'upstream_refused',
];

/** Returns how a call ended for rules over history, from the `result` of its outcome. */
export const endOf = (result: string | undefined): CallEnd => {
  if (result === 'ok') return 'ok';
  return FAILED.includes(result) ? 'failed' : 'open';
};
