/** Memory after very many decisions, each on a step that is not in the verifier's cache. */
import type { Report } from '../report.ts';
import { verdict } from '../report.ts';
import { type Grower, growNode, growWorkerd } from '../runtimes/index.ts';
import type { SuiteOptions } from './options.ts';

const SAMPLES = 10;
const MEBIBYTE = 1_048_576;
/**
 * Flat means: at the end at most this much more is in use than after the first tenth, when caches
 * have filled and compilers have run. The reference leaks 24 kB per authorization.
 */
const GROWTH_BYTES_MAX = 8 * MEBIBYTE;

async function samples(grower: Grower, { verifications, progress }: SuiteOptions, name: string) {
  const bytes: number[] = [];
  try {
    for (let sample = 1; sample <= SAMPLES; sample++) {
      bytes.push(await grower.grow(Math.ceil(verifications / SAMPLES)));
      progress(`${name}, ${sample} of ${SAMPLES}`);
    }
  } finally {
    await grower.stop();
  }
  return bytes;
}

export async function heapReport(options: SuiteOptions): Promise<Report> {
  const measured = [
    {
      what: 'Node, heap after a full collection',
      bytes: await samples(await growNode('verifier', 'verifier step'), options, 'Node'),
    },
    {
      what: 'workerd, heap after a full collection',
      bytes: await samples(await growWorkerd('verifier', 'verifier step'), options, 'workerd'),
    },
  ];
  const rows = measured.map(({ what, bytes }) => {
    const [first = 0] = bytes;
    const growth = (bytes.at(-1) ?? 0) - first;
    return { what, bytes, growth, flat: growth <= GROWTH_BYTES_MAX };
  });
  const mebibytes = (bytes: number) => (bytes / MEBIBYTE).toFixed(1);
  return {
    suite: 'heap',
    title: `MiB in use over ${options.verifications} decisions`,
    columns: ['', 'at a tenth', 'half way', 'at the end', 'growth', 'target', ''],
    rows: rows.map(({ what, bytes, growth, flat }) => [
      what,
      mebibytes(bytes[0] ?? 0),
      mebibytes(bytes[SAMPLES / 2 - 1] ?? 0),
      mebibytes(bytes.at(-1) ?? 0),
      mebibytes(growth),
      `<= ${mebibytes(GROWTH_BYTES_MAX)}`,
      verdict(flat),
    ]),
    data: { verifications: options.verifications, rows },
  };
}
