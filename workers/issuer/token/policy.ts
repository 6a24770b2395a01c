import reports from '../../../policy/reports.datalog';
import tools from '../../../policy/tools.toml';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { type Policy, type PolicyFile, PolicyInForce } from '../../../src/policy/index.ts';

/**
 * The deployed policy: every `policy/*.datalog`. A Worker has no folder to list, so each file is
 * imported here; test/unit/docs/policy.test.ts checks that none is missing.
 */
const POLICY_FILES: readonly PolicyFile[] = [{ name: 'policy/reports.datalog', source: reports }];

/** The tool catalogue, the same that the gateway describes calls by. */
const CATALOGUE_FILE: string = tools;

const inForce = new PolicyInForce((failure) =>
  console.error({ event: 'policy.unavailable', ...failure }),
);

/**
 * Returns the deployed policy, which is part of the bundle. If it or the tool catalogue does not
 * load, returns undefined and logs the reason each time: without a policy nothing is minted.
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

/** Returns the tools of the deployed catalogue; undefined if it does not load. */
export function issuerTools(): ReadonlySet<string> | undefined {
  const catalogue = parseCatalogue(CATALOGUE_FILE);
  return catalogue.ok ? new Set(catalogue.value.keys()) : undefined;
}
