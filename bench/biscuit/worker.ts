/**
 * A contestant as a Worker: `/run?operation=…&iterations=…`. The clock stands still in synchronous
 * code, so it counts nothing itself; who asks looks at the CPU of the process.
 */
import type { Contestant, Fixture, MakeContestant } from './contest.ts';

export const serve = (make: MakeContestant): ExportedHandler => {
  let contestant: Contestant | undefined;
  return {
    fetch: async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === '/fixture') contestant = await make(await request.json<Fixture>());
      const operation = searchParams.get('operation') ?? '';
      const iterations = Number(searchParams.get('iterations'));
      if (pathname === '/prepare') await contestant?.prepare?.(operation, iterations);
      if (pathname === '/run') {
        const run = contestant?.operations[operation];
        if (run === undefined) return new Response('no such operation', { status: 404 });
        for (let i = 0; i < iterations; i++) await run();
      }
      return new Response('done');
    },
  };
};
