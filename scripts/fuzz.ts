/** Fuzzes the Biscuit engine against the reference, and every parser. See --help. */
import { parseArgs } from 'node:util';
import { CAMPAIGNS, type Campaign } from '../test/fuzz/generate/case.ts';
import { type Disagreement, fuzz, fuzzOne } from '../test/fuzz/run.ts';
import { summary } from '../test/fuzz/seed.ts';
import { fuzzParsers, PARSER_NAMES } from './fuzz-parsers.ts';

const HELP = `usage: npm run fuzz -- [--cases N] [--seed S] [--campaign NAME]
       npm run fuzz -- --campaign NAME --token T
       npm run fuzz -- PARSER [--seconds N] [--seed S]
       npm run fuzz -- PARSER --case C
Without a PARSER: asks Hewn's Biscuit engine and the reference implementation
(@biscuit-auth/biscuit-wasm) the same questions and compares their answers: whether the token
parses, the decision, the policy, the failed checks, the world with its origins, the revocation ids,
the printed blocks.
  --cases N        number of judgements by both (default 20000)
  --seed S         the seed of the run (default: the clock; it is printed)
  --campaign NAME  one of ${CAMPAIGNS.join(', ')} (default: all in turn)
  --token T        rerun one token, by the token seed of a disagreement
With a PARSER: mutates valid inputs of it and checks its answers against claims.
  PARSER           parsers (each in turn), or one of
                   ${PARSER_NAMES.slice(0, 14).join(', ')},
                   ${PARSER_NAMES.slice(14).join(', ')}
  --seconds N      how long each runs (default 10)
  --case C         rerun one case, by the seed of a failure
  --help           this text
Exit code 0: both agree, except for the differences listed in docs/reference/biscuit.md, and every
claim holds; 1: they do not.
`;

const isCampaign = (name: string): name is Campaign =>
  (CAMPAIGNS as readonly string[]).includes(name);

function describe({ campaign, tokenSeed, ...rest }: Disagreement): string {
  const { token, authorizerCode, theirs, ours, differences } = rest;
  return [
    `DISAGREEMENT: the reference says ${theirs}, our engine ${ours}`,
    `  again: npm run fuzz -- --campaign ${campaign} --token ${tokenSeed}`,
    `  token ${token}`,
    `  authorizer ${JSON.stringify(authorizerCode)}`,
    ...differences.map(
      ({ aspect, expected, actual }) =>
        `  ${aspect}\n    reference ${expected}\n    ours      ${actual}`,
    ),
    '',
  ].join('\n');
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cases: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      seconds: { type: 'string', default: '10' },
      campaign: { type: 'string' },
      token: { type: 'string' },
      case: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const numbers = [values.cases, values.seed, values.seconds, values.case ?? '0'].map(Number);
  const [parser, ...others] = positionals;
  const isWrong =
    !numbers.every(Number.isSafeInteger) ||
    others.length > 0 ||
    (parser !== undefined && parser !== 'parsers' && !PARSER_NAMES.includes(parser)) ||
    (values.campaign !== undefined && !isCampaign(values.campaign)) ||
    (values.token !== undefined && values.campaign === undefined);
  return { values, parser, isWrong };
}

async function fuzzEngine(
  seed: number,
  cases: number,
  campaign: Campaign | undefined,
  token: string | undefined,
): Promise<boolean> {
  const report =
    token !== undefined && campaign !== undefined
      ? await fuzzOne(campaign, Number(token))
      : await fuzz({
          seed,
          cases,
          ...(campaign !== undefined && { campaigns: [campaign] }),
          onProgress: ({ cases: done, disagreements }) =>
            process.stderr.write(`${done} of ${cases}, ${disagreements.length} disagreements\n`),
        });
  for (const disagreement of report.disagreements) process.stdout.write(describe(disagreement));
  process.stdout.write(`${summary(report)}\n`);
  return report.disagreements.length === 0;
}

async function main(): Promise<number> {
  const { values, parser, isWrong } = readArguments();
  if (values.help === true || isWrong) {
    process.stdout.write(HELP);
    return isWrong ? 2 : 0;
  }
  const seed = Number(values.seed);
  if (parser !== undefined) {
    const isWhole = await fuzzParsers(parser === 'parsers' ? PARSER_NAMES : [parser], {
      seed,
      seconds: Number(values.seconds),
      ...(values.case !== undefined && { caseSeed: Number(values.case) }),
    });
    return isWhole ? 0 : 1;
  }
  const campaign = values.campaign as Campaign | undefined;
  return (await fuzzEngine(seed, Number(values.cases), campaign, values.token)) ? 0 : 1;
}

process.exitCode = await main();
