/** Benchmarks of the Biscuit engine. See --help. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCold } from './biscuit/cold.ts';
import type { Fixture } from './biscuit/contest.ts';
import { makeFixture } from './biscuit/fixture.ts';
import { measureHeap } from './biscuit/heap.ts';
import { measureHostile } from './biscuit/hostile.ts';
import { openNode } from './biscuit/node.ts';
import { coldText, heapText, hostileText, speedText } from './biscuit/report.ts';
import { measureSpeed } from './biscuit/speed.ts';
import { openWorkerd } from './biscuit/workerd.ts';

const HELP = `usage: node bench/biscuit.ts [--only SECTION] [--rounds N] [--verifications N] [--json FILE]

Hewn's Biscuit engine against biscuit-wasm 0.6.0, the floor that WebCrypto sets, and jose. CPU time,
medians of interleaved rounds, each contestant in a process of its own, pinned to one core. Compare
within a column: the machine is not the one you deploy to.

  --only SECTION      speed, cold, hostile or heap (default: all)
  --rounds N          measured rounds after the warm-up (default 21)
  --verifications N   for heap (default 100000)
  --json FILE         the reports as JSON too
  --help              this text
`;

const SECTIONS = ['speed', 'cold', 'hostile', 'heap'] as const;
type Section = (typeof SECTIONS)[number];

type Counts = { readonly rounds: number; readonly verifications: number };
type Measured = { readonly text: string; readonly report: unknown };

async function measure(section: Section, fixture: Fixture, counts: Counts): Promise<Measured> {
  const { rounds, verifications } = counts;
  if (section === 'cold') {
    const report = await measureCold(fixture, rounds);
    return { text: coldText(report), report };
  }
  if (section === 'hostile') {
    const report = await measureHostile(fixture, rounds);
    return { text: hostileText(report), report };
  }
  if (section === 'heap') {
    const report = await measureHeap(fixture, verifications);
    return { text: heapText(report), report };
  }
  const report = [
    await measureSpeed('workerd', openWorkerd, fixture, rounds),
    await measureSpeed('node', openNode, fixture, rounds),
  ];
  return { text: speedText(report), report };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '21' },
      verifications: { type: 'string', default: '100000' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const counts = { rounds: Number(values.rounds), verifications: Number(values.verifications) };
  const sections = SECTIONS.filter((name) => values.only === undefined || values.only === name);
  const isWrong =
    sections.length === 0 || !Object.values(counts).every((count) => Number.isSafeInteger(count));
  if (values.help === true || isWrong) {
    process.stdout.write(HELP);
    return isWrong ? 2 : 0;
  }
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  process.stdout.write(`${machine}, ${counts.rounds} rounds\n`);
  const fixture = await makeFixture();
  const reports: Record<string, unknown> = { machine, counts };
  for (const section of sections) {
    const { text, report } = await measure(section, fixture, counts);
    process.stdout.write(`\n${text}\n`);
    reports[section] = report;
  }
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify(reports, undefined, 2)}\n`);
  }
  return 0;
}

process.exitCode = await main();
