import { readClock } from '../../../src/clock.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { ok, refuse } from '../../../src/result.ts';
import { requireScope } from '../operators/scope.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { revocationLog } from '../platform/env.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { waitForEffect } from './effect.ts';
import { aboutScope, matchesOf, nameScope, spellScope } from './scope-request.ts';

/** Denials are in the first log, which every mint reads. */
const SHARD = 0;

export const createDenialRoutes = (deployed: DeployedPolicy) =>
  bindAdmin(ADMIN_API.denials, {
    listDenials: async (_input, { env }) =>
      ok({ denials: await revocationLog(env, SHARD).denials() }),

    // From here on nothing is minted for it, and its tokens are stopped; for a tool, its calls.
    addDenial: async ({ query, body }, context) => {
      const { env, actor, via } = context;
      const { until, reason } = body;
      if (until !== undefined && until <= readClock() / 1000) {
        return refuse({ code: 'invalid_request', message: '"until" is not in the future.' });
      }
      const named = await nameScope(env, deployed, body, body.even_unknown === true);
      if (!named.ok) return named;
      const scope = await requireScope(context, 'deny', aboutScope(named.value));
      if (!scope.ok) return scope;
      const denial = { ...named.value, ...(until !== undefined && { until }) };
      if (body.dry_run) {
        return ok({ ...denial, dry_run: true, matches: await matchesOf(env, named.value) });
      }
      const id = crypto.randomUUID();
      const denied = await revocationLog(env, SHARD).deny({ id, ...denial, reason, actor, via });
      if (!denied.ok) return denied;
      const { before, ...recorded } = denied.value;
      const matches = await matchesOf(env, named.value);
      // A token that grants a denied tool stays valid for the other tools it grants.
      const stops = named.value.scope !== 'tool' && {
        expires: before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX,
      };
      const position = { shard: SHARD, ...recorded };
      const effect = await waitForEffect(env, { ...position, ...stops, waitSeconds: query.wait });
      return ok({ ...denial, before, ...position, matches, ...effect });
    },

    // Only what is minted from here on is allowed again; what the denial has stopped stays stopped.
    liftDenial: async ({ body }, context) => {
      const { env, actor, via } = context;
      const named = await spellScope(env, deployed, body);
      if (!named.ok) return named;
      const scope = await requireScope(context, 'lift', aboutScope(named.value));
      if (!scope.ok) return scope;
      const lifted = await revocationLog(env, SHARD).lift(named.value, {
        actor,
        via,
        reason: body.reason,
      });
      if (lifted.ok) return ok({ ...named.value, shard: SHARD, lifted: true, ...lifted.value });
      const { code } = lifted.error;
      return code === 'audit_unavailable'
        ? refuse({
            code,
            message: 'Not lifted: the audit log did not answer, and it records first.',
          })
        : refuse({ code });
    },
  });
