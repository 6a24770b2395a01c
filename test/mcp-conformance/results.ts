import { type Comparison, compare } from './compare.ts';
import { startGateway } from './gateway.ts';
import { type ServerName, startServer } from './servers.ts';
import { runSuite, type SuiteName } from './suites.ts';

export interface Result extends Comparison {
  readonly suite: SuiteName;
  readonly server: ServerName;
}

/** Runs each suite against each server, directly and through the gateway. */
export async function compareAll(
  servers: readonly ServerName[],
  suites: readonly SuiteName[],
): Promise<readonly Result[]> {
  const running = await Promise.all(servers.map(startServer));
  try {
    const gateway = await startGateway(running);
    try {
      const results: Result[] = [];
      for (const suite of suites) {
        for (const { name: server, url } of running) {
          const direct = await runSuite(suite, url);
          const through = await runSuite(suite, await gateway.urlOf(server));
          results.push({ suite, server, ...compare(direct, through) });
        }
      }
      return results;
    } finally {
      await gateway.close();
    }
  } finally {
    await Promise.all(running.map(({ close }) => close()));
  }
}

/** Shows the numbers as a table, and each regression below. */
export function showResults(results: readonly Result[]): string {
  const rows = results.map(({ suite, server, checks, passedDirect, passedThrough, regressions }) =>
    [suite, server, checks, passedDirect, passedThrough, regressions.length].join(' | '),
  );
  const regressed = results.flatMap(({ suite, server, regressions }) =>
    regressions.map(({ key, direct, through, error }) =>
      `${suite} | ${server} | ${key}: ${direct} → ${through} ${error.slice(0, 300)}`.trim(),
    ),
  );
  return [
    '| suite | server | checks | passed without | passed through | worse |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    ...(regressed.length > 0 ? ['', ...regressed] : []),
  ].join('\n');
}
