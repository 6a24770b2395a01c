/** What a stop does, as the issuer reports it (docs/reference/admin-api.md). */
import { printableJson } from '../approval/index.ts';
import type { ADMIN_API, RouteAnswer } from '../issuer-api/index.ts';
import { CONFIRM_WAIT_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Answer, NO, YES } from './command.ts';
import { type Fact, renderFacts, type Screen, showTimestamp } from './terminal/index.ts';

export type Effect = Omit<
  RouteAnswer<(typeof ADMIN_API)['workflows']['revokeWorkflow']>,
  'workflow'
>;

export type Matches = Extract<
  RouteAnswer<(typeof ADMIN_API)['denials']['addDenial']>,
  { readonly dry_run: true }
>['matches'];

/** Reads `--wait`, as the route takes it. */
export function readWait(text: string | undefined): Result<{ wait: string }, string> {
  const wait = text ?? '0';
  return /^\d{1,2}$/.test(wait) && Number(wait) <= CONFIRM_WAIT_SECONDS_MAX
    ? ok({ wait })
    : refuse(`--wait must be a number of seconds, at most ${CONFIRM_WAIT_SECONDS_MAX}`);
}

/**
 * With `--wait` the question is whether verifiers have the stop: it is answered with yes only if
 * every verifier heard from lately confirmed, and at least one was heard from.
 */
export const effectAnswer = (
  { verifiers, standing }: Effect,
  { wait }: { wait: string },
): Answer => {
  const { seen, confirmed } = verifiers;
  const isEverywhere = standing === 'ended' || (seen > 0 && confirmed === seen);
  return wait === '0' || isEverywhere ? YES : NO;
};

/** Renders when a stop is enforced on each tier, and which verifiers have it. */
export function effectLines(screen: Screen, effect: Effect): readonly string[] {
  const { epoch, seq, by_tier, verifiers, archived, recorded, standing } = effect;
  const { seen, confirmed, waiting } = verifiers;
  const tiers = [3, 2, 1, 0] as const;
  const facts: readonly Fact[] = [
    { name: 'entry', value: `${epoch}.${seq}` },
    ...tiers.map((tier) => ({
      name: `tier ${tier}`,
      value: `${describeBound(screen, by_tier[tier])} at the latest`,
    })),
    {
      name: 'verifiers',
      value:
        seen === 0
          ? 'none reported lately, so it is unknown which have it: rely on the times above'
          : `${confirmed} of ${seen} heard from lately have it`,
    },
    ...(standing === 'ended'
      ? [{ name: 'tokens', value: 'all have ended: nothing is left to stop' }]
      : []),
    ...(recorded === false
      ? [{ name: 'record', value: 'in force, and the audit log gets its record later' }]
      : []),
    ...(archived === false
      ? [{ name: 'archive', value: 'behind: restoring the log now would lose this entry' }]
      : []),
    ...waiting.map((name) => ({ name: 'not yet', value: printableJson(name) })),
  ];
  return renderFacts(screen, facts);
}

const describeBound = (screen: Screen, at: string | null): string =>
  at === null ? 'when the last token expires' : showTimestamp(screen, at);

/** Renders what a stop matches. All zeros suggest a typo. */
export function matchesLine(screen: Screen, matches: Matches): string {
  if (!matches) return '  matches     could not be counted';
  const { living, named_until: until } = matches;
  const tokens =
    until === null
      ? 'no unexpired token names it'
      : `a token may name it until ${showTimestamp(screen, until)}`;
  return `  matches     ${living} living workflow${living === 1 ? '' : 's'} known; ${tokens}`;
}
