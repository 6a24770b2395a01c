import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryMember } from './problems.ts';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 2 ** 20;

/** What is released: the folders of the packages, in the order in which they are published. */
const PACKAGES = ['.', 'packages/create-hewn'] as const;

/** A package as npm packs it. */
export interface Tarball {
  /** Its folder in the repository. */
  readonly folder: string;
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
 * Builds and packs the commit in two clones that differ in umask and time zone. Returns one tarball
 * for each of `PACKAGES`. Rejects if the two of a package differ: then no one could verify that the
 * published package has these sources.
 */
export async function packTwice(request: CloneRequest): Promise<readonly Tarball[]> {
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
  for (const [index, { file, sha256 }] of first.entries()) {
    const again = second[index];
    if (sha256 === again?.sha256) continue;
    throw new Error(
      `two clones give different packages: ${sha256} and ${again?.sha256}. ` +
        `Unpack both to compare them: ${file} ${again?.file}`,
    );
  }
  return first;
}

async function clone({ project, repository, onStep }: CloneRequest, into: string): Promise<void> {
  onStep(`cloning the commit into ${into}`);
  await run('git', ['clone', '--quiet', project, into]);
  for (const folder of PACKAGES) {
    const file = join(into, folder, 'package.json');
    const manifest: object = JSON.parse(await readFile(file, 'utf8'));
    const released = { ...manifest, repository: repositoryMember(repository, folder) };
    await writeFile(file, `${JSON.stringify(released, null, 2)}\n`);
    if (folder !== '.') await copyFile(join(into, 'LICENSE'), join(into, folder, 'LICENSE'));
  }
}

async function buildAndPack(
  clone: string,
  surroundings: Surroundings,
): Promise<readonly Tarball[]> {
  await command(clone, surroundings, `"${process.execPath}" scripts/build/index.ts`);
  const npm = await pinnedNpm(clone);
  const tarballs: Tarball[] = [];
  for (const folder of PACKAGES) tarballs.push(await pack(clone, folder, npm, surroundings));
  return tarballs;
}

async function pack(
  clone: string,
  folder: string,
  npm: string,
  surroundings: Surroundings,
): Promise<Tarball> {
  const from = join(clone, folder);
  const printed = await command(from, surroundings, `${npm} pack --ignore-scripts --json`);
  const [packed] = Object.values(JSON.parse(printed) as Record<string, { filename: string }>);
  if (packed === undefined) throw new Error('npm packed nothing');
  const file = join(from, packed.filename);
  const content = await readFile(file);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { folder, file, bytes: content.length, sha256 };
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
