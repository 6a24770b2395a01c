import reports from '../../../policy/reports.datalog';
import tools from '../../../policy/tools.toml';
import type { PolicyFile } from '../../../src/policy/index.ts';

/**
 * The policy that is deployed: every `policy/*.datalog`. A Worker has no folder to list, so each is
 * imported here; test/unit/docs/policy.test.ts holds that none is forgotten.
 */
export const POLICY_FILES: readonly PolicyFile[] = [
  { name: 'policy/reports.datalog', source: reports },
];

/** The tool catalogue, the same that the gateway describes calls by. */
export const CATALOGUE_FILE: string = tools;
