import reports from '../../policy/reports.datalog';
import { loadPolicy, type Policy } from '../../src/policy/index.ts';

let loaded: ReturnType<typeof loadPolicy> | undefined;

/**
 * The deployed policy: its files are part of the bundle. Undefined, and loudly so, where they do
 * not load: without a policy nothing is minted.
 */
export function issuerPolicy(): Policy | undefined {
  loaded ??= loadPolicy([{ name: 'reports.datalog', source: reports }]);
  if (loaded.ok) return loaded.value;
  console.error({ event: 'policy.unavailable', error: loaded.error });
  return undefined;
}
