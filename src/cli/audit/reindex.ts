import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';

const { listLogs, rebuildIndex } = ADMIN_API.audit;
type RebuiltPart = RouteAnswer<typeof rebuildIndex>;

export const auditReindex = defineCommand({
  name: 'audit reindex',
  summary: 'make the index of the audit logs again from their records',
  operands: '[LOG...]',
  description: `Deletes the index of each log and makes it again from the records in the archive: of all logs, or of those that are named. It changes no record. Use it after the archive lost objects, or if a search misses a record that hewn audit tail prints.

It reads every record of a log once. Searches remain complete meanwhile, and are slower. If it stops, run it again.`,
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn audit reindex', 'hewn audit reindex decisions-1-0'],
  run: async ({ flags, operands }, context) => {
    const logs = operands.length > 0 ? ok(operands) : await allLogs(context, flags);
    if (!logs.ok) return logs;
    const done: { log: string; bundles: number }[] = [];
    for (const log of logs.value) {
      const bundles = await reindex(context, flags, log);
      if (!bundles.ok) return refuse(`${log}: ${bundles.error}`);
      done.push({ log, bundles: bundles.value });
      if (!flags.json) context.out(`${log}  ${bundles.value} bundles of 256 records`);
    }
    if (flags.json) context.out(showJson({ logs: done }));
    return YES;
  },
});

async function allLogs(
  context: CommandContext,
  flags: IssuerFlags,
): Promise<Result<readonly string[], string>> {
  const listed = await callIssuer(context, flags, listLogs, {});
  return listed.ok ? ok(listed.value.logs.map(({ log }) => log)) : listed;
}

/** Returns how many bundles were indexed. */
async function reindex(
  context: CommandContext,
  flags: IssuerFlags,
  log: string,
): Promise<Result<number, string>> {
  let bundles = 0;
  let from: number | undefined = 0;
  do {
    context.progress?.(`${log}: ${bundles} bundles`);
    const part: Result<RebuiltPart, string> = await callIssuer(context, flags, rebuildIndex, {
      params: { log },
      body: { from },
    });
    if (!part.ok) return part;
    bundles += part.value.bundles;
    from = part.value.next;
  } while (from !== undefined);
  return ok(bundles);
}
