/** The conformance suites of MCP, through the gateway and without it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listed, readListed } from '../mcp-conformance/listed.ts';
import { compareAll, type Result, showResults } from '../mcp-conformance/results.ts';
import { SERVER_NAMES } from '../mcp-conformance/servers.ts';
import { SUITE_NAMES } from '../mcp-conformance/suites.ts';
import { projectFile } from '../unit/docs/markdown.ts';
import { runIn } from './consumer.ts';

const INSTALL_MILLISECONDS_MAX = 300_000;
const RUN_MILLISECONDS_MAX = 900_000;
const CHECKS_LISTED_MAX = 3;

let listed: readonly Listed[];
let results: readonly Result[];
beforeAll(async () => {
  const folder = projectFile('test/mcp-conformance');
  await runIn(folder, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
  listed = await readListed();
  results = await compareAll(SERVER_NAMES, SUITE_NAMES);
}, INSTALL_MILLISECONDS_MAX + RUN_MILLISECONDS_MAX);
afterAll(() => console.log(showResults(results)));

const isListed = (server: string, key: string): boolean =>
  listed.some((one) => one.server === server && one.check === key);

describe.each(SUITE_NAMES)('no check of %s', (suite) => {
  test.each(SERVER_NAMES)('is worse through the gateway than without it: server %s', (server) => {
    const { checks, regressions } = results.find(
      (one) => one.suite === suite && one.server === server,
    ) as Result;
    expect(checks).toBeGreaterThan(30);
    expect(regressions.filter(({ key }) => !isListed(server, key))).toEqual([]);
  });
});

test('at most three checks are listed, each with its reason, and each fails', () => {
  expect(new Set(listed.map(({ check }) => check)).size).toBeLessThanOrEqual(CHECKS_LISTED_MAX);
  for (const { check, server, reason } of listed) {
    const worse = results.filter((one) => one.server === server).flatMap((one) => one.regressions);
    expect([check, worse.some(({ key }) => key === check)]).toEqual([check, true]);
    expect(reason.length).toBeGreaterThan(40);
  }
});
