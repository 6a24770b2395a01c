/**
 * Runs the MCP conformance suites against servers directly and through the gateway, and compares
 * check by check. Prints a table; exits with 1 if a check is worse through the gateway.
 *
 *     npm --prefix test/mcp-conformance install
 *     node test/mcp-conformance/run.ts [--server NAME] [--suite TEXT] [--json FILE]
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compareAll, showResults } from './results.ts';
import { SERVER_NAMES } from './servers.ts';
import { SUITE_NAMES } from './suites.ts';

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: '' },
    suite: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const results = await compareAll(
  SERVER_NAMES.filter((name) => name.includes(values.server)),
  SUITE_NAMES.filter((name) => name.includes(values.suite)),
);
console.log(showResults(results));
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(results, null, 2));
process.exitCode = results.every(({ regressions }) => regressions.length === 0) ? 0 : 1;
