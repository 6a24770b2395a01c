/**
 * Fuzzing of every parser of untrusted bytes. A campaign starts from valid input, changes it as
 * data and as text, and checks the result against its own claims.
 */
import { caseSeed, type Random, randomOf } from '../generate/random.ts';

/** Whether the short run must see it: a generator that never reaches it tests too little. */
export type Reached = 'seen' | 'rare';

export interface ParserCampaign {
  readonly name: string;
  /** The closed union of results. Any other result is a failure. */
  readonly outcomes: Readonly<Record<string, Reached>>;
  /** The number of cases of the short run, which takes a second or two on an idle core. */
  readonly cases: number;
  /** Runs one case and returns its result. Throws if a claim is broken. */
  attempt(random: Random): Promise<string> | string;
}

class ClaimBroken extends Error {}

/**
 * Throws unless the claim holds. `text` says what went wrong; `shown` is the input in the report.
 */
export function claim(holds: boolean, text: string, shown?: unknown): asserts holds {
  if (holds) return;
  throw new ClaimBroken(shown === undefined ? text : `${text}: ${show(shown)}`);
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)).slice(
    0,
    2_000,
  );

export interface Failure {
  /** `npm run fuzz -- NAME --case SEED` repeats this case. */
  readonly caseSeed: number;
  readonly why: string;
}

export interface ParserReport {
  readonly name: string;
  readonly seed: number;
  cases: number;
  readonly outcomes: Record<string, number>;
  readonly failures: Failure[];
}

/** No case is much work. One that takes longer has found quadratic time, or a busy machine. */
const CASE_MILLISECONDS_MAX = 5_000;
/** More failures of a campaign add nothing. */
const FAILURES_MAX = 10;

export interface RunOptions {
  readonly seed: number;
  readonly cases?: number;
  readonly seconds?: number;
}

export async function runCampaign(
  campaign: ParserCampaign,
  { seed, cases = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY }: RunOptions,
): Promise<ParserReport> {
  const report: ParserReport = { name: campaign.name, seed, cases: 0, outcomes: {}, failures: [] };
  const end = performance.now() + seconds * 1000;
  while (report.cases < cases && performance.now() < end) {
    await runCase(campaign, caseSeed(seed, report.cases), report);
    if (report.failures.length >= FAILURES_MAX) break;
  }
  // An unhandled rejection is raised before this resolves, and ends the run.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return report;
}

/** Repeats one case. */
export async function runOne(campaign: ParserCampaign, seed: number): Promise<ParserReport> {
  const report: ParserReport = { name: campaign.name, seed, cases: 0, outcomes: {}, failures: [] };
  await runCase(campaign, seed, report);
  return report;
}

async function runCase(
  campaign: ParserCampaign,
  seed: number,
  report: ParserReport,
): Promise<void> {
  const started = performance.now();
  report.cases++;
  try {
    const outcome = await campaign.attempt(randomOf(seed));
    claim(Object.hasOwn(campaign.outcomes, outcome), 'the result is not in the union', outcome);
    report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
    const milliseconds = performance.now() - started;
    claim(milliseconds < CASE_MILLISECONDS_MAX, 'the case takes too long', { milliseconds });
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report.failures.push({ caseSeed: seed, why });
  }
}

/** Returns the results that the short run must see and this run has not seen. */
export const unseen = ({ outcomes }: ParserCampaign, report: ParserReport): readonly string[] =>
  Object.entries(outcomes)
    .filter(([name, reached]) => reached === 'seen' && report.outcomes[name] === undefined)
    .map(([name]) => name);
