/** Runs a folder of the official conformance format through the engine. See --help. */
import { parseArgs } from 'node:util';
import { judgeWithEngine } from '../test/conformance/engine.ts';
import { OFFICIAL_SOURCE, readFolder } from '../test/conformance/folder.ts';
import { caseLines, runSamples } from '../test/conformance/runner.ts';

const HELP = `usage: npm run conformance -- DIR [--json]
Runs the cases of DIR through Hewn's Biscuit engine. DIR contains a samples.json and the tokens that
it names, in the format of the official data (${OFFICIAL_SOURCE}).
Compares six things for each validation: the verdict of parsing, the verdict of authorizing with
the index of the policy, the failed checks, the world with the origins of its facts, the revocation
ids, and the printed source of each block.
  --json   print the whole report as JSON
  --help   this text
Prints a line per case, and last the number of cases. Exit code 0: all passed; 1: some failed; 2:
DIR cannot be read, or contains something that the runner does not know.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const [folder] = positionals;
  if (values.help === true || folder === undefined || positionals.length > 1) {
    process.stdout.write(HELP);
    return values.help === true ? 0 : 2;
  }
  const set = readFolder(folder);
  if (!set.ok) {
    process.stderr.write(`${JSON.stringify(set.error, undefined, 2)}\n`);
    return 2;
  }
  const report = await runSamples(set.value, judgeWithEngine);
  const { passed, failed } = report.caseTally;
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    const { validationTally, comparisons } = report;
    for (const line of report.cases.flatMap(caseLines)) process.stdout.write(`${line}\n`);
    const total = validationTally.passed + validationTally.failed;
    process.stdout.write(
      `${validationTally.passed} of ${total} validations, ${comparisons} comparisons\n`,
    );
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
