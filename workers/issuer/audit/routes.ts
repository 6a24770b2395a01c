import { FIELDS, formatCursor, readCursor } from '../../../src/audit/find/index.ts';
import { ADMIN_API, logOfPath } from '../../../src/issuer-api/index.ts';
import { ok } from '../../../src/result.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { rebuildPart } from '../search/rebuild.ts';
import { readLogs, searchLogs } from '../search/search.ts';

export const auditRoutes = bindAdmin(ADMIN_API.audit, {
  searchAudit: async ({ query }, { env }) => {
    const { log, tree, from, until, after, last, limit } = query;
    const where = FIELDS.flatMap((field) =>
      query[field] === undefined ? [] : [[field, query[field]] as const],
    );
    const { records, next, isEnd } = await searchLogs(env, {
      filter: {
        where: Object.fromEntries(where),
        ...(tree && { isTree: true }),
        ...(from !== undefined && { from }),
        ...(until !== undefined && { until }),
      },
      ...(log && { isWanted: (name) => name === log }),
      ...(after !== undefined && { after: readCursor(after) ?? new Map() }),
      ...(last !== undefined && { last }),
      limit,
    });
    return ok({ records, next: formatCursor(next), end: isEnd });
  },

  listLogs: async (_, { env }) => {
    const logs = (await readLogs(env)).map((state) => {
      const { log, origin, size, committed, fill, checkpoint, stopped } = state;
      return {
        log,
        origin,
        size,
        committed,
        fill,
        ...(checkpoint && {
          checkpoint: {
            size: checkpoint.size,
            root: checkpoint.root,
            at: new Date(checkpoint.at).toISOString(),
          },
        }),
        ...(stopped !== undefined && { stopped }),
      };
    });
    return ok({ logs });
  },

  rebuildIndex: async ({ params, body: { from } }, { env }) =>
    ok(await rebuildPart(env, logOfPath(params), from)),
});
