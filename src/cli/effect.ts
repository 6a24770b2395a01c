/** What stopping something does, as the issuer says it (docs/operations.md, "Revoking"). */
import * as v from 'valibot';
import { shown } from '../approval/index.ts';
import { CONFIRM_WAIT_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { TEXT } from './command.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const effectShape = v.object({
  epoch: count,
  seq: count,
  effective_by: v.string(),
  by_tier: v.record(v.string(), v.nullable(v.string())),
  verifiers: v.object({ seen: count, confirmed: count, waiting: v.array(v.string()) }),
  archived: v.optional(v.boolean()),
  recorded: v.optional(v.boolean()),
});

export type Effect = v.InferOutput<typeof effectShape>;

/** `--reason` and `--wait`, of each command that stops something. */
export const STOP_FLAGS = { reason: TEXT, wait: TEXT } as const;

export interface StopOrder {
  readonly reason: string;
  /** The query of the route: `?wait=5`. */
  readonly query: string;
}

export function readStopOrder(values: {
  readonly reason?: string | undefined;
  readonly wait?: string | undefined;
}): Result<StopOrder, string> {
  const { reason, wait = '0' } = values;
  if (!reason) return refuse('--reason TEXT is missing: why goes to the audit log');
  if (!/^\d{1,2}$/.test(wait) || Number(wait) > CONFIRM_WAIT_SECONDS_MAX) {
    return refuse(`--wait is a number of seconds, up to ${CONFIRM_WAIT_SECONDS_MAX}`);
  }
  return ok({ reason, query: `?wait=${wait}` });
}

/** By when it holds at every verifier, and who is known to have it. */
export function effectLines({
  epoch,
  seq,
  by_tier,
  verifiers,
  archived,
  recorded,
}: Effect): readonly string[] {
  const { seen, confirmed, waiting } = verifiers;
  const tier = (name: string): string => by_tier[name] ?? 'when the last token ends';
  return [
    `  entry       ${epoch}.${seq}`,
    ...['3', '2', '1', '0'].map((name) => `  tier ${name}      ${tier(name)} at the latest`),
    `  verifiers   ${confirmed} of ${seen} that were heard of lately have it`,
    ...(recorded === false
      ? ['  record      owed: it is in force, and the audit log has it later']
      : []),
    ...(archived === false ? ['  archive     behind: a restore of now would lose it'] : []),
    ...waiting.map((name) => `  not yet     ${shown(name)}`),
  ];
}
