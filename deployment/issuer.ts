/**
 * The issuer of this repository: the Worker that wrangler.toml deploys. The entry file of any other
 * deployment imports from `hewn/issuer` and `hewn/issuer/objects`, and is otherwise the same.
 */
import reports from '../policy/reports.datalog';
import catalogue from '../policy/tools.toml';
import { createIssuer } from '../workers/issuer/index.ts';

export * from '../workers/issuer/objects.ts';

// A Worker has no folder to list, so each `policy/*.datalog` is imported here.
// test/unit/docs/policy.test.ts checks that none is missing.
export default createIssuer({
  policy: { 'policy/reports.datalog': reports },
  catalogue,
});
