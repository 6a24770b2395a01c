import { readClock } from '../../../src/clock.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { appendRecords } from '../log/append.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { readConfig } from '../platform/config.ts';
import { breaker } from '../platform/env.ts';

export const ruleRoutes = bindAdmin(ADMIN_API.rules, {
  showRules: async (_input, { env }) =>
    ok({ rules: readConfig(env).rulebook.rules, tripped: await breaker(env).tripped() }),

  armRule: async ({ params: { rule }, body }, { env, actor, via }) => {
    const record = { event: 'rule_armed', at: readClock(), rule, actor, via } as const;
    const id = `rule_armed.${crypto.randomUUID()}`;
    // An armed rule can act again, which the breaker was to prevent: it is recorded first.
    await appendRecords(env, [{ ...record, id, reason: body.reason }]);
    return (await breaker(env).arm(rule)) ? ok({ rule }) : refuse({ code: 'rule_not_tripped' });
  },
});
