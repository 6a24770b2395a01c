#!/usr/bin/env node
/** Checks a folder of recorded data: `agent-authz-bench check FOLDER`. */
import { checkData } from './frozen.ts';

const [command, folder] = process.argv.slice(2);
if (command !== 'check' || folder === undefined) {
  console.error('usage: agent-authz-bench check FOLDER');
  process.exit(2);
}
try {
  const { frozen, hashes, suites, tasks, pairs, runs, solved } = checkData(folder);
  for (const [file, digest] of Object.entries(hashes)) console.log(`${digest}  ${file}`);
  console.log(
    `${suites.join(', ')}: ${tasks} tasks, ${pairs} attack pairs, ${runs} runs, of which`,
  );
  console.log(`${solved} are honest and solved their task`);
  console.log(frozen === undefined ? 'not one of the frozen data' : `the frozen data: ${frozen}`);
  process.exitCode = frozen === undefined ? 1 : 0;
} catch (thrown) {
  console.error(`cannot read ${folder}: ${thrown instanceof Error ? thrown.message : thrown}`);
  process.exitCode = 2;
}
