/**
 * Fuzzing of everything that reads a stranger's bytes. A campaign starts from what is valid,
 * changes it as data and as text, and holds the answer against claims that it states itself.
 */
import { caseSeed, type Random, randomOf } from '../generate/random.ts';

/** Whether the short run in the suite has to see it: a generator that never gets there tests less. */
export type Reached = 'seen' | 'rare';

export interface ParserCampaign {
  readonly name: string;
  /** The closed union of answers: an answer that is not in it is a failure. */
  readonly outcomes: Readonly<Record<string, Reached>>;
  /** Cases of the short run: a second or two on an idle core. */
  readonly cases: number;
  /** One case, and what came out. Throws where a claim is broken. */
  attempt(random: Random): Promise<string> | string;
}

export class ClaimBroken extends Error {}

/** `shown` says what it was broken by; it goes to whoever runs the campaign. */
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
  /** `npm run fuzz -- NAME --case SEED` tries this one again. */
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

/** No case is real work: one that takes longer has found a quadratic, or a loaded machine. */
const CASE_MILLISECONDS_MAX = 5_000;
/** Ten of a kind say no more than one. */
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
  // A rejection that nobody handles is raised before this resolves, and ends the run.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return report;
}

/** Tries one case again. */
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
    claim(Object.hasOwn(campaign.outcomes, outcome), 'an answer outside the union', outcome);
    report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
    const milliseconds = performance.now() - started;
    claim(milliseconds < CASE_MILLISECONDS_MAX, 'a case takes too long', { milliseconds });
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report.failures.push({ caseSeed: seed, why });
  }
}

/** The answers that the short run has to see, and this one has not. */
export const unseen = ({ outcomes }: ParserCampaign, report: ParserReport): readonly string[] =>
  Object.entries(outcomes)
    .filter(([name, reached]) => reached === 'seen' && report.outcomes[name] === undefined)
    .map(([name]) => name);
