/** Differential fuzzing of the Biscuit engine against the reference. See --help. */
import { parseArgs } from 'node:util';
import { CAMPAIGNS, type Campaign } from '../test/fuzz/generate/case.ts';
import { type Disagreement, fuzz, fuzzOne } from '../test/fuzz/run.ts';
import { summary } from '../test/fuzz/seed.ts';

const HELP = `usage: npm run fuzz -- [--cases N] [--seed S] [--campaign NAME]
       npm run fuzz -- --campaign NAME --token T

Asks Hewn's Biscuit engine and the reference implementation (@biscuit-auth/biscuit-wasm) the same
questions and compares what they say: whether the token parses, the decision, the policy, the failed
checks, the world with its origins, the revocation ids, the printed blocks.

  --cases N        judgements, by both (default 20000)
  --seed S         the seed of the run (default: the clock; it is printed)
  --campaign NAME  one of ${CAMPAIGNS.join(', ')} (default: all in turn)
  --token T        one token again, by the token seed of a disagreement
  --help           this text

Exit code 0: they agree, but for the differences that docs/biscuit.md lists; 1: they do not.
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

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      campaign: { type: 'string' },
      token: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [cases, seed] = [Number(values.cases), Number(values.seed)];
  const { campaign } = values;
  const isWrong =
    !Number.isSafeInteger(cases) ||
    !Number.isSafeInteger(seed) ||
    (campaign !== undefined && !isCampaign(campaign)) ||
    (values.token !== undefined && campaign === undefined);
  if (values.help === true || isWrong) {
    process.stdout.write(HELP);
    return isWrong ? 2 : 0;
  }
  const report =
    values.token !== undefined && campaign !== undefined
      ? await fuzzOne(campaign, Number(values.token))
      : await fuzz({
          seed,
          cases,
          ...(campaign !== undefined && { campaigns: [campaign] }),
          onProgress: ({ cases: done, disagreements }) =>
            process.stderr.write(`${done} of ${cases}, ${disagreements.length} disagreements\n`),
        });
  for (const disagreement of report.disagreements) process.stdout.write(describe(disagreement));
  process.stdout.write(`${summary(report)}\n`);
  return report.disagreements.length === 0 ? 0 : 1;
}

process.exitCode = await main();
