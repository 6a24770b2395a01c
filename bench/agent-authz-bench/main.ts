#!/usr/bin/env node
/** The command: checks a folder of recorded data, and puts a system through it. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { readRecordings } from './data.ts';
import { checkData, type DataCheck } from './frozen.ts';
import { judge } from './judge.ts';
import { metricsOf } from './metrics.ts';
import { detailsOf, NOT_SHOWN, newValuesOf, type Row, tableOf } from './report.ts';
import type { System } from './system.ts';

const USAGE = `usage: agent-authz-bench check FOLDER
       agent-authz-bench run SYSTEM FOLDER [--details] [--json]

check   compares the files in FOLDER with the frozen data
run     puts a system through the data. SYSTEM is a JavaScript module whose default export is a
        System, or a function that returns one.

Exit codes: 0 done; 1 the data is not one of the frozen data; 2 it cannot be read or run`;

const BAD = 2;

async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      details: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command, first, second, ...more] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (command === 'check' && first !== undefined && second === undefined) return check(first);
  if (command === 'run' && first !== undefined && second !== undefined && more.length === 0) {
    return run(first, second, values);
  }
  console.error(USAGE);
  return BAD;
}

function check(folder: string): number {
  const data = checkData(folder);
  for (const [file, digest] of Object.entries(data.hashes)) console.log(`${digest}  ${file}`);
  const { suites, tasks, pairs, runs, solved } = data;
  console.log(
    `${suites.join(', ')}: ${tasks} tasks, ${pairs} attack pairs, ${runs} runs, of which`,
  );
  console.log(`${solved} are honest and solved their task`);
  console.log(nameOf(data));
  return data.frozen === undefined ? 1 : 0;
}

const nameOf = ({ frozen }: DataCheck): string =>
  frozen === undefined ? 'not one of the frozen data' : `the frozen data: ${frozen}`;

async function run(
  file: string,
  folder: string,
  { details, json }: { readonly details: boolean; readonly json: boolean },
): Promise<number> {
  const data = checkData(folder);
  const recordings = readRecordings(folder);
  const judgement = await judge(recordings, await load(file));
  const names = Object.keys(recordings.suites);
  const scopes = names.length > 1 ? [...names, undefined] : names;
  const results = scopes.map((suite) => {
    const row: Row = { name: judgement.system, metrics: metricsOf(judgement, suite) };
    return { suite: suite ?? 'together', row };
  });
  if (json) {
    console.log(JSON.stringify({ data, results }, null, 2));
  } else {
    console.log(`${NOT_SHOWN}\n\n${nameOf(data)}\n`);
    if (details) console.log(`${detailsOf(judgement)}\n`);
    for (const { suite, row } of results) {
      console.log(`## ${suite}\n\n${tableOf([row])}\n\n${newValuesOf([row])}\n`);
    }
  }
  return data.frozen === undefined ? 1 : 0;
}

async function load(file: string): Promise<System> {
  const loaded: { default?: unknown } = await import(pathToFileURL(resolve(file)).href);
  const exported = loaded.default;
  const system: unknown = typeof exported === 'function' ? await exported() : exported;
  if (typeof (system as Partial<System> | undefined)?.begin !== 'function') {
    throw new Error(`the default export of ${file} is no System: it has no begin()`);
  }
  return system as System;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = BAD;
}
