import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryMember } from './problems.ts';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 2 ** 20;

/** A package as npm packs it. */
export interface Tarball {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where and how the clones differ, so that neither can reach the tarball. */
interface Surroundings {
  readonly umask: string;
  readonly timeZone: string;
}

const FIRST: Surroundings = { umask: '022', timeZone: 'UTC' };
const SECOND: Surroundings = { umask: '077', timeZone: 'Asia/Tokyo' };

export interface CloneRequest {
  /** The checkout that is released. */
  readonly project: string;
  /** An empty folder. */
  readonly folder: string;
  readonly repository: string;
  /** Called before each step that takes seconds. */
  readonly onStep: (what: string) => void;
}

/**
 * Builds and packs the commit in two clones that differ in umask and time zone. Rejects if the
 * tarballs differ: then no one could verify that the published package has these sources.
 */
export async function packTwice(request: CloneRequest): Promise<Tarball> {
  const { folder, onStep } = request;
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  await clone(request, one);
  onStep('installing what the lock file names');
  await command(one, FIRST, 'npm ci --ignore-scripts --prefer-offline --no-audit --no-fund');
  await clone(request, other);
  await symlink(join(one, 'node_modules'), join(other, 'node_modules'));
  onStep('building and packing the first clone');
  const first = await buildAndPack(one, FIRST);
  onStep('building and packing the second clone');
  const second = await buildAndPack(other, SECOND);
  if (first.sha256 !== second.sha256) {
    throw new Error(
      `two clones give different packages: ${first.sha256} and ${second.sha256}. ` +
        `Unpack both to compare them: ${first.file} ${second.file}`,
    );
  }
  return first;
}

async function clone({ project, repository, onStep }: CloneRequest, into: string): Promise<void> {
  onStep(`cloning the commit into ${into}`);
  await run('git', ['clone', '--quiet', project, into]);
  const file = join(into, 'package.json');
  const manifest: object = JSON.parse(await readFile(file, 'utf8'));
  const released = { ...manifest, repository: repositoryMember(repository) };
  await writeFile(file, `${JSON.stringify(released, null, 2)}\n`);
}

async function buildAndPack(clone: string, surroundings: Surroundings): Promise<Tarball> {
  await command(clone, surroundings, `"${process.execPath}" scripts/build/index.ts`);
  const npm = await pinnedNpm(clone);
  const printed = await command(clone, surroundings, `${npm} pack --ignore-scripts --json`);
  const [packed] = Object.values(JSON.parse(printed) as Record<string, { filename: string }>);
  if (packed === undefined) throw new Error('npm packed nothing');
  const file = join(clone, packed.filename);
  const content = await readFile(file);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { file, bytes: content.length, sha256 };
}

/** Returns the command of the npm that `packageManager` names: another may pack other bytes. */
export async function pinnedNpm(project: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const { packageManager } = manifest as { readonly packageManager: string };
  const { stdout } = await run('npm', ['--version']);
  return `npm@${stdout.trim()}` === packageManager ? 'npm' : `npx --yes ${packageManager}`;
}

async function command(folder: string, around: Surroundings, line: string): Promise<string> {
  const outside = Object.entries(process.env).filter(([name]) => !/^(?:npm_|INIT_CWD)/i.test(name));
  const env = { ...Object.fromEntries(outside), TZ: around.timeZone };
  const options = { cwd: folder, env, maxBuffer: OUTPUT_BYTES_MAX };
  return (await run('sh', ['-c', `umask ${around.umask} && ${line}`], options)).stdout;
}
