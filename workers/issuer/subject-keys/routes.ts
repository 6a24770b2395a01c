import { CONTROL_LOG, DECISION_LOGS, type LogName } from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { report } from '../../../src/report.ts';
import { ok, refuse } from '../../../src/result.ts';
import { appendRecord } from '../audit/append.ts';
import type { LivingPage } from '../log/binding.ts';
import { livingPage } from '../log/control-logs.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { activity, type IssuerEnv, subjectKeys, transparencyLog } from '../platform/env.ts';
import type { LegalHold } from './binding.ts';
import { digitOf, legalHolds } from './keys.ts';

/** For so long, the point-in-time recovery of a Durable Object can bring a deleted row back. */
const RECOVERY_MILLISECONDS = 30 * 24 * 60 * 60 * 1000;

export const peopleRoutes = bindAdmin(ADMIN_API.people, {
  // Records that are still rows are in the clear. First, they become entries under the key.
  erasePerson: async ({ body }, { env, actor, via }) => {
    if (!(await hasSealedAll(env))) return refuse({ code: 'archive_unavailable' });
    const { subject, reference } = body;
    const order = { subject, actor, via, ...(reference !== undefined && { reference }) };
    const erased = await subjectKeys(env, digitOf(subject)).erase(order);
    if (!erased.ok) {
      return refuse({ code: erased.error.code === 'held' ? 'subject_held' : 'subject_unknown' });
    }
    await activity(env).forget(subject);
    const { id, at, recorded } = erased.value;
    const { count, ends } = await livingOf(env, subject);
    return ok({
      erasure: id,
      at: timeOf(at),
      complete_at: timeOf(Math.max(at, ends) + RECOVERY_MILLISECONDS),
      living: count,
      recorded,
    });
  },

  listHolds: async (_input, { env }) => ok({ holds: (await legalHolds(env)).map(viewOf) }),

  setHold: async ({ body }, { env, actor, via }) =>
    ok(viewOf(await subjectKeys(env, digitOf(body.subject)).hold({ ...body, actor, via }))),

  // It gives back the power to erase, so it is recorded first.
  releaseHold: async ({ params, body: { reason } }, { env, actor, via }) => {
    const hold = (await legalHolds(env)).find(({ id }) => id === params.hold);
    if (!hold) return refuse({ code: 'hold_unknown' });
    const { id, subject } = hold;
    const recorded = await appendRecord(env, {
      event: 'hold',
      id: `${id}.released`,
      at: readClock(),
      change: 'released',
      hold: id,
      subject,
      actor,
      via,
      reason,
    });
    if (!recorded) return refuse({ code: 'audit_unavailable' });
    await subjectKeys(env, digitOf(subject)).release(id);
    return ok(viewOf(hold));
  },
});

const LOGS: readonly LogName[] = [CONTROL_LOG, ...DECISION_LOGS];

/** Runs a round of each log that takes records. Returns false if one of them failed. */
async function hasSealedAll(env: IssuerEnv): Promise<boolean> {
  try {
    await Promise.all(LOGS.map((log) => sealAll(env, log)));
    return true;
  } catch (error) {
    report('audit.unsealed', { why: error instanceof Error ? error.message : typeof error });
    return false;
  }
}

async function sealAll(env: IssuerEnv, log: LogName): Promise<void> {
  const { moved } = await transparencyLog(env, log).round();
  if (moved !== undefined) await sealAll(env, moved as LogName);
}

/** An object of a workflow forgets its subject so long after the end of the workflow. */
const CLOSED_AFTER_MILLISECONDS = 60 * 60 * 1000;

/** Returns how many workflows of a person live, and when the last of their objects is empty. */
async function livingOf(
  env: IssuerEnv,
  subject: string,
): Promise<{ readonly count: number; readonly ends: UnixMilliseconds }> {
  const scope = { scope: 'subject', value: subject } as const;
  const total = { count: 0, ends: 0 };
  for (let page = 0, after: string | undefined; page < LIVING_PAGES_MAX; page++) {
    const found: LivingPage = await livingPage(env, {
      scope,
      ...(after !== undefined && { after }),
    });
    total.count += found.workflows.length;
    for (const { ends } of found.workflows) {
      total.ends = Math.max(total.ends, ends * 1000 + CLOSED_AFTER_MILLISECONDS);
    }
    after = found.next;
    if (after === undefined) break;
  }
  return total;
}

/** A page has up to 200. */
const LIVING_PAGES_MAX = 50;

const viewOf = ({ id, subject, reason, actor, at }: LegalHold) => ({
  hold: id,
  subject,
  reason,
  actor,
  at: timeOf(at),
});

const timeOf = (at: UnixMilliseconds): string => new Date(at).toISOString();
