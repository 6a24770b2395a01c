import { readClock, readSeconds } from '../../../src/clock.ts';
import type { Watermark } from '../../../src/feed/index.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { ok, refuse } from '../../../src/result.ts';
import { requireScope } from '../operators/scope.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { revocationLog } from '../platform/env.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { waitForEffect } from './effect.ts';
import { aboutScope, matchesOf, nameScope, spellScope } from './scope-request.ts';

/**
 * Watermarks are in the head of the first log, which every verifier follows, whatever its shard.
 */
const SHARD = 0;

export const createWatermarkRoutes = (deployed: DeployedPolicy) =>
  bindAdmin(ADMIN_API.watermarks, {
    listWatermarks: async (_input, { env }) =>
      ok({ watermarks: await revocationLog(env, SHARD).watermarks() }),

    addWatermark: async ({ query, body }, context) => {
      const { env, actor, via } = context;
      const now = readSeconds();
      // Tokens issued within this second are stopped as well.
      const { before = now + 1, reason } = body;
      if (before > now + CLOCK_SKEW_SECONDS_MAX) {
        const message = '"before" is in the future: it would stop new tokens too.';
        return refuse({ code: 'invalid_request', message });
      }
      const named = await nameScope(env, deployed, body, body.even_unknown === true);
      if (!named.ok) return named;
      const scope = await requireScope(context, 'deny', aboutScope(named.value));
      if (!scope.ok) return scope;
      const watermark: Watermark = { ...named.value, before };
      const expires = before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
      const entry = { kind: 'watermark', ...watermark, at: now, expires } as const;
      const log = revocationLog(env, SHARD);
      if (body.dry_run) {
        const [matches, fits] = await Promise.all([matchesOf(env, watermark), log.fits(entry)]);
        return fits
          ? ok({ ...watermark, dry_run: true, matches })
          : refuse({ code: 'watermarks_full' });
      }
      const stamp = { id: `watermark.${crypto.randomUUID()}`, at: readClock() };
      const record = { event: 'watermark', ...stamp, ...watermark, actor, via, reason } as const;
      const recorded = await log.appendWatermark(entry, record);
      if (!recorded.ok) return recorded;
      const matches = await matchesOf(env, watermark);
      const position = { shard: SHARD, ...recorded.value };
      const effect = await waitForEffect(env, { ...position, expires, waitSeconds: query.wait });
      return ok({ ...watermark, ...position, matches, ...effect });
    },

    // Removes a watermark that stops no token, such as one with a misspelt name.
    withdrawWatermark: async ({ body }, context) => {
      const { env, actor, via } = context;
      const named = await spellScope(env, deployed, body);
      if (!named.ok) return named;
      const scope = await requireScope(context, 'lift', aboutScope(named.value));
      if (!scope.ok) return scope;
      const stamp = { id: `watermark.${crypto.randomUUID()}`, at: readClock() };
      const withdrawn = await revocationLog(env, SHARD).withdrawWatermark(named.value, {
        event: 'watermark',
        ...stamp,
        withdrawn: true,
        ...named.value,
        before: 1,
        actor,
        via,
        reason: body.reason,
      });
      if (withdrawn.ok) {
        return ok({ ...named.value, shard: SHARD, withdrawn: true, ...withdrawn.value });
      }
      if (withdrawn.error.code === 'watermark_unknown') return refuse(withdrawn.error);
      const { code, until } = withdrawn.error;
      const end = new Date(until * 1000).toISOString();
      return refuse({ code, message: `A token that it stops may be valid until ${end}.` });
    },
  });
