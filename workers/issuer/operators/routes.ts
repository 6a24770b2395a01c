import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { may, PERMISSION_NAMES, powersOf, rolesOf } from '../../../src/operators/index.ts';
import { ok } from '../../../src/result.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { readConfig } from '../platform/config.ts';
import { approvals, operators } from '../platform/env.ts';
import { countConfirmable } from './propose.ts';

export const sessionRoutes = bindAdmin(ADMIN_API.session, {
  showSession: async (_input, { env, operator }) => {
    const { name, kind, source, roles, endsAt } = operator;
    const mayAnswer = may(operator, 'approve') === true;
    const { pending } = mayAnswer
      ? await approvals(env).list(Number.MAX_SAFE_INTEGER)
      : { pending: 0 };
    return ok({
      name,
      kind,
      source,
      roles,
      may: powersOf(operator, PERMISSION_NAMES),
      two_people: readConfig(env).directory?.twoPeople ?? [],
      ...(endsAt !== undefined && { ends_at: endsAt }),
      waiting: pending + (await countConfirmable(env, operator)),
    });
  },

  endSession: async (_input, { env, session }) => {
    if (session !== undefined) await operators(env).end(session);
    return ok(undefined);
  },

  listSessions: async (_input, { env, session: own }) => {
    const { directory } = readConfig(env);
    const sessions = await operators(env).sessions();
    return ok({
      sessions: sessions.map(({ digest, name, source, begun, ends, ...person }) => ({
        name,
        source,
        own: digest === own,
        roles: directory ? rolesOf(directory, person).map(({ role }) => role) : [],
        begun,
        ends_at: ends,
      })),
    });
  },

  endSessionsOf: async ({ body: { name, reason } }, { env, operator }) => {
    const act = { by: operator.name, source: operator.source, reason };
    return ok({ name, ...(await operators(env).endSessionsOf(name, act)) });
  },
});
