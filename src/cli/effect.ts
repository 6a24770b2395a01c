/** What stopping something does, as the issuer says it (docs/reference/admin-api.md). */
import * as v from 'valibot';
import { printableJson } from '../approval/index.ts';
import { CONFIRM_WAIT_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Answer, NO, TEXT, YES } from './command.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const effectShape = v.object({
  epoch: count,
  seq: count,
  effective_by: v.string(),
  by_tier: v.record(v.string(), v.nullable(v.string())),
  verifiers: v.object({ seen: count, confirmed: count, waiting: v.array(v.string()) }),
  /** Absent from an issuer of a release before. */
  standing: v.optional(v.picklist(['in_feed', 'confirmed', 'ended'])),
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
  /** Whether it was asked to wait: then what is not confirmed is not what was asked for. */
  readonly waits: boolean;
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
  return ok({ reason, query: `?wait=${wait}`, waits: Number(wait) > 0 });
}

/**
 * 0 where all that was asked for is so. Whoever asks to wait for the verifiers asks whether they
 * have it: of none that is known nobody can say so.
 */
export const effectAnswer = ({ verifiers, standing }: Effect, { waits }: StopOrder): Answer => {
  const { seen, confirmed } = verifiers;
  return !waits || standing === 'ended' || (seen > 0 && confirmed === seen) ? YES : NO;
};

/** By when it holds at every verifier, and who is known to have it. */
export function effectLines({
  epoch,
  seq,
  by_tier,
  verifiers,
  archived,
  recorded,
  standing,
}: Effect): readonly string[] {
  const { seen, confirmed, waiting } = verifiers;
  const tier = (name: string): string => by_tier[name] ?? 'when the last token ends';
  return [
    `  entry       ${epoch}.${seq}`,
    ...['3', '2', '1', '0'].map((name) => `  tier ${name}      ${tier(name)} at the latest`),
    seen === 0
      ? '  verifiers   none was heard of lately, so who has it is not known: the times above count'
      : `  verifiers   ${confirmed} of ${seen} that were heard of lately have it`,
    ...(standing === 'ended'
      ? ['  tokens      all of them have ended: nothing is left to stop']
      : []),
    ...(recorded === false
      ? ['  record      owed: it is in force, and the audit log has it later']
      : []),
    ...(archived === false ? ['  archive     behind: a restore of now would lose it'] : []),
    ...waiting.map((name) => `  not yet     ${printableJson(name)}`),
  ];
}
