/**
 * The table of targets, in Node or in workerd: each row is a ratio between two operations that were
 * timed in the same rounds.
 */
import { OPERATION_NAMES, type OperationName } from '../operations/index.ts';
import { type Report, verdict } from '../report.ts';
import { measure, type Timings } from '../rounds.ts';
import { type Runtime, startNode, startWorkers, workerdVersion } from '../runtimes/index.ts';
import type { SuiteOptions } from './options.ts';

type RuntimeName = 'node' | 'workerd';

interface Row {
  readonly what: string;
  readonly of: OperationName;
  readonly by: OperationName;
  /** The lower bound if the target is "times faster", else the upper bound. */
  readonly kind: 'atLeast' | 'atMost';
  readonly target?: Readonly<Record<RuntimeName, number>>;
}

const ROWS: readonly Row[] = [
  {
    what: 'cold verify + authorize, 2 caveat blocks: times faster than biscuit-wasm',
    of: 'wasm cold',
    by: 'hewn cold',
    kind: 'atLeast',
    target: { node: 1, workerd: 2.2 },
  },
  {
    what: 'the same, times the floor (3 native verifies, 1 key derivation)',
    of: 'hewn cold',
    by: 'floor',
    kind: 'atMost',
    target: { node: 1.25, workerd: 1.25 },
  },
  {
    what: 'the same, times a floor that imports the two keys in the token',
    of: 'hewn cold',
    by: 'floor, keys imported',
    kind: 'atMost',
  },
  {
    what: 'new step of a known workflow, times a jose jwtVerify',
    of: 'hewn step',
    by: 'jose',
    kind: 'atMost',
    target: { node: 1.8, workerd: 1.6 },
  },
  {
    what: "the same as the verifier's whole decision on a call",
    of: 'verifier step',
    by: 'jose',
    kind: 'atMost',
  },
  {
    what: 'the same token again, decided again, times a jose jwtVerify',
    of: 'hewn again',
    by: 'jose',
    kind: 'atMost',
    target: { node: 1 / 3, workerd: 1 / 3 },
  },
  {
    what: "the same as the verifier's whole decision on a call",
    of: 'verifier again',
    by: 'jose',
    kind: 'atMost',
  },
  {
    what: 'narrow (3 checks, serialise): times faster than biscuit-wasm',
    of: 'wasm narrow',
    by: 'hewn narrow',
    kind: 'atLeast',
    target: { node: 1, workerd: 2.5 },
  },
  {
    what: 'narrow from the text of a token: times faster than biscuit-wasm',
    of: 'wasm narrow text',
    by: 'hewn narrow text',
    kind: 'atLeast',
  },
];

export async function nodeTargets(options: SuiteOptions): Promise<Report> {
  const timings = await measured(await startNode(), options);
  return report('biscuit', 'node', `Targets in Node ${process.version}`, timings, options);
}

export async function workerdTargets(options: SuiteOptions): Promise<Report> {
  const timings = await measured(await startWorkers(), options);
  return report('workerd', 'workerd', `Targets in workerd ${workerdVersion()}`, timings, options);
}

async function measured(runtime: Runtime, options: SuiteOptions): Promise<Timings> {
  try {
    return await measure(runtime.cases, {
      ...options,
      progress: (round) => options.progress(`round ${round} of ${options.rounds}`),
    });
  } finally {
    await runtime.stop();
  }
}

function report(
  suite: string,
  runtime: RuntimeName,
  title: string,
  timings: Timings,
  { rounds, operationsPerRound }: SuiteOptions,
): Report {
  const rows = ROWS.map(({ what, of, by, kind, target }) => {
    const ratio = timings.ratio(of, by);
    const bound = target?.[runtime];
    const reached =
      bound === undefined ? undefined : kind === 'atLeast' ? ratio >= bound : ratio <= bound;
    return { what, ratio, kind, target: bound, reached };
  });
  const operations = OPERATION_NAMES.map((name) => ({
    name,
    microseconds: timings.median(name),
    microsecondsP10: timings.p10(name),
  }));
  return {
    suite,
    title: `${title}, CPU time, medians of ${rounds} rounds of ${operationsPerRound} operations`,
    columns: ['', 'ratio', 'target', ''],
    rows: [
      ...rows.map(({ what, ratio, kind, target, reached }) => [
        what,
        ratio.toFixed(2),
        target === undefined ? '' : `${kind === 'atLeast' ? '>=' : '<='} ${target.toFixed(2)}`,
        reached === undefined ? '' : verdict(reached),
      ]),
      [],
      ['CPU microseconds for one operation', 'median', 'p10'],
      ...operations.map(({ name, microseconds, microsecondsP10 }) => [
        `  ${name}`,
        microseconds.toFixed(1),
        microsecondsP10.toFixed(1),
      ]),
    ],
    data: { runtime, rounds, operationsPerRound, targets: rows, operations },
  };
}
