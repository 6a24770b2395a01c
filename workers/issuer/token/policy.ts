import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { type Policy, PolicyInForce } from '../../../src/policy/index.ts';
import { CATALOGUE_FILE, POLICY_FILES } from './policy-files.ts';

const inForce = new PolicyInForce((failure) =>
  console.error({ event: 'policy.unavailable', ...failure }),
);

/**
 * The deployed policy: its files are part of the bundle. Undefined, and loudly so each time, where
 * they or the tool catalogue do not load: without a policy nothing is minted.
 */
export function issuerPolicy(): Policy | undefined {
  if (inForce.policy === undefined) {
    const catalogue = parseCatalogue(CATALOGUE_FILE);
    if (catalogue.ok) {
      const offered = inForce.offer(POLICY_FILES, catalogue.value);
      const warnings = offered.ok ? offered.value.warnings : [];
      for (const warning of warnings) console.warn({ event: 'policy.warning', ...warning });
    } else {
      const failure = { error: catalogue.error, lastGoodStays: false };
      console.error({ event: 'policy.unavailable', ...failure });
    }
  }
  return inForce.policy;
}

/** The tools of the deployed catalogue; undefined where it does not load. */
export function issuerTools(): ReadonlySet<string> | undefined {
  const catalogue = parseCatalogue(CATALOGUE_FILE);
  return catalogue.ok ? new Set(catalogue.value.keys()) : undefined;
}
