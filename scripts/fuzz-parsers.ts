/** Runs the campaigns of the parsers for as long as requested. */
import {
  type ParserCampaign,
  type ParserReport,
  runCampaign,
  runOne,
} from '../test/fuzz/parsers/campaign.ts';
import { PARSERS } from '../test/fuzz/parsers/index.ts';

export const PARSER_NAMES: readonly string[] = PARSERS.map(({ name }) => name);

export interface ParserRun {
  readonly seed: number;
  readonly seconds: number;
  /** Reruns only this case. */
  readonly caseSeed?: number;
}

const describeReport = ({ name, seed, cases, outcomes, failures }: ParserReport): string =>
  [
    `${name}: seed ${seed}, ${cases} cases, ${failures.length} failures`,
    ...Object.entries(outcomes)
      .sort(([, a], [, b]) => b - a)
      .map(([outcome, count]) => `${String(count).padStart(10)}  ${outcome}`),
    ...failures.map(
      ({ caseSeed, why }) => `FAILURE  again: npm run fuzz -- ${name} --case ${caseSeed}\n${why}`,
    ),
    '',
  ].join('\n');

const run = (campaign: ParserCampaign, { seed, seconds, caseSeed }: ParserRun) =>
  caseSeed === undefined ? runCampaign(campaign, { seed, seconds }) : runOne(campaign, caseSeed);

/** Runs each of the named campaigns in turn. Returns whether all kept their claims. */
export async function fuzzParsers(names: readonly string[], how: ParserRun): Promise<boolean> {
  let isWhole = true;
  for (const campaign of PARSERS.filter(({ name }) => names.includes(name))) {
    const report = await run(campaign, how);
    process.stdout.write(describeReport(report));
    isWhole &&= report.failures.length === 0;
  }
  return isWhole;
}
