/**
 * Cold start: from the start of a process to its first decision, less a process that decides
 * nothing. Milliseconds of wall time, medians of interleaved starts, pinned to one core.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parseAuthorizer } from '../../src/biscuit/index.ts';
import { median, shuffled } from '../statistics.ts';
import type { ColdFixture } from './cold-hewn.ts';
import type { Fixture } from './contest.ts';
import { PINNED } from './runner.ts';
import { cpuNanoseconds, fetchLocal, freePort, spawnWorkerd, workerConfig } from './workerd.ts';

const NANOSECONDS_PER_MILLISECOND = 1e6;

const VARIANTS = ['empty', 'webcrypto', 'deciding'] as const;
/** `webcrypto`: one import and one verification, what the platform takes for itself. */
type Variant = (typeof VARIANTS)[number];

/** Milliseconds: on the wall, which a busy machine stretches, and of CPU, which it hardly does. */
export type Elapsed = { readonly wall: number; readonly cpu: number };

/** Medians: of the empty process, and of the others less that. */
export type ColdTimes = Readonly<Record<Variant, Elapsed>>;

export type ColdReport = {
  readonly starts: number;
  readonly node: ColdTimes;
  readonly workerd: ColdTimes;
};

const DECIDE = fileURLToPath(new URL('./cold-hewn.ts', import.meta.url).href);

/** What a gateway would deploy: one minified file. */
async function bundleTo(path: string, source: string): Promise<void> {
  await build({
    stdin: { contents: source, resolveDir: '/', loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    outfile: path,
    logLevel: 'error',
  });
}

type Sources = Readonly<Record<Variant, string>>;

const WEBCRYPTO = `async () => {
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  await crypto.subtle.verify('Ed25519', pair.publicKey, new Uint8Array(64), new Uint8Array(200));
  return 'allowed';
}`;

/** The answer and the CPU so far, in one write. */
const say = (answer: string): string => `
  const answer = ${answer};
  const { user, system } = process.cpuUsage();
  console.log(answer + '\\n' + (user + system) / 1000);`;

const nodeSources = (fixture: ColdFixture): Sources => ({
  empty: say(`'allowed'`),
  webcrypto: say(`await (${WEBCRYPTO})()`),
  deciding: `import { decideOnce } from ${JSON.stringify(DECIDE)};
    ${say(`await decideOnce(${JSON.stringify(fixture)})`)}`,
});

const answerWith = (decide: string): string =>
  `export default { fetch: async () => {
    const answer = await (${decide})();
    return new Response(answer, { status: answer === 'allowed' ? 200 : 500 });
  } };`;

const workerSources = (fixture: ColdFixture): Sources => ({
  empty: answerWith(`async () => 'allowed'`),
  webcrypto: answerWith(WEBCRYPTO),
  deciding: `import { decideOnce } from ${JSON.stringify(DECIDE)};
    const fixture = ${JSON.stringify(fixture)};
    ${answerWith('() => decideOnce(fixture)')}`,
});

async function startNode(path: string): Promise<Elapsed> {
  const start = performance.now();
  const child = spawn('taskset', [...PINNED, process.execPath, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const wall = performance.now() - start;
  await once(child, 'exit');
  const [answer, cpu] = String(said).split('\n');
  if (answer !== 'allowed') throw new Error(String(said));
  return { wall, cpu: Number(cpu) };
}

async function startWorkerd(folder: string): Promise<Elapsed> {
  const port = await freePort();
  const path = join(folder, 'config.capnp');
  writeFileSync(path, workerConfig(port, false));
  const agent = new Agent({ keepAlive: false });
  const start = performance.now();
  const child = spawnWorkerd(path);
  let status = 0;
  while (status === 0) {
    status = await fetchLocal(agent, port, '/').catch(() => 0);
    if (status === 0) await new Promise((wait) => setTimeout(wait, 0.5));
  }
  const wall = performance.now() - start;
  const cpu = cpuNanoseconds(child.pid ?? 0) / NANOSECONDS_PER_MILLISECOND;
  child.kill();
  await once(child, 'exit');
  if (status !== 200) throw new Error(`the cold worker answers ${status}`);
  return { wall, cpu };
}

async function compare(
  starts: number,
  start: (variant: Variant) => Promise<Elapsed>,
): Promise<ColdTimes> {
  const measured: Record<Variant, Elapsed[]> = { empty: [], webcrypto: [], deciding: [] };
  // The first two fill the file cache.
  for (let i = -2; i < starts; i++) {
    for (const variant of shuffled(VARIANTS)) {
      const elapsed = await start(variant);
      if (i >= 0) measured[variant].push(elapsed);
    }
  }
  const middle = (variant: Variant): Elapsed => ({
    wall: median(measured[variant].map(({ wall }) => wall)),
    cpu: median(measured[variant].map(({ cpu }) => cpu)),
  });
  const empty = middle('empty');
  const added = (variant: Variant): Elapsed => ({
    wall: middle(variant).wall - empty.wall,
    cpu: middle(variant).cpu - empty.cpu,
  });
  return { empty, webcrypto: added('webcrypto'), deciding: added('deciding') };
}

function coldFixture({ rootPublicKey, token, requestFacts, authorizer }: Fixture): ColdFixture {
  const parsed = parseAuthorizer(requestFacts + authorizer);
  if (!parsed.ok) throw new Error(parsed.error.code);
  return { rootPublicKey, token, authorizer: parsed.value };
}

export async function measureCold(fixture: Fixture, starts: number): Promise<ColdReport> {
  const cold = coldFixture(fixture);
  const [node, workers] = [nodeSources(cold), workerSources(cold)];
  const folders = { empty: '', webcrypto: '', deciding: '' };
  for (const variant of VARIANTS) {
    folders[variant] = mkdtempSync(join(tmpdir(), 'hewn-cold-'));
    await bundleTo(join(folders[variant], 'node.mjs'), node[variant]);
    await bundleTo(join(folders[variant], 'worker.js'), workers[variant]);
  }
  return {
    starts,
    node: await compare(starts, (variant) => startNode(join(folders[variant], 'node.mjs'))),
    workerd: await compare(starts, (variant) => startWorkerd(folders[variant])),
  };
}
