/** `npm run release`: packs this commit in two clones, compares them, and publishes the result. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { packTwice, pinnedNpm, type Tarball } from './release/clones.ts';
import { type Creator, type ReleaseTexts, releaseProblems } from './release/problems.ts';

const HELP = `Publishes this commit to npm, with provenance: hewn, and then create-hewn.

  npm run release -- --repository URL --dry-run   do everything but the upload
  npm run release -- --repository URL --publish   upload

--repository URL  where the sources are public, such as https://github.com/acme/hewn. npm compares it
                  with the provenance, which only GitHub Actions and GitLab CI can sign.
--registry URL    another registry than npm's.

Exit code 0: done. 1: something stops the release; each line says what to do. 2: wrong arguments.
`;

const PROJECT = resolve(import.meta.dirname, '..');
const run = promisify(execFile);
const print = (text: string) => process.stdout.write(`${text}\n`);
const printError = (text: string) => process.stderr.write(`${text}\n`);

interface Options {
  readonly repository: string;
  readonly registry: string | undefined;
  readonly isDryRun: boolean;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === 'help') {
    print(HELP);
    return 0;
  }
  if (typeof options === 'string') {
    printError(`${options}\n\n${HELP}`);
    return 2;
  }
  const problems = releaseProblems(await readTexts(), options.repository);
  for (const problem of problems) printError(problem);
  if (problems.length > 0) return 1;
  const folder = await mkdtemp(join(tmpdir(), 'hewn-release-'));
  try {
    const { repository } = options;
    const tarballs = await packTwice({ project: PROJECT, folder, repository, onStep: print });
    for (const { sha256, bytes, file } of tarballs) {
      print(`${sha256}  ${bytes} bytes, the same from both clones: ${basename(file)}`);
    }
    for (const tarball of tarballs) await publish(tarball, options);
    print(options.isDryRun ? 'dry run: nothing was uploaded' : 'published');
    return 0;
  } catch (error) {
    printError((error as Error).message);
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the options, `help`, or what is wrong with the arguments. */
function readOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        repository: { type: 'string' },
        registry: { type: 'string' },
        'dry-run': { type: 'boolean' },
        publish: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return 'help';
    const { repository, registry } = values;
    if (repository === undefined) return '--repository is required.';
    const isDryRun = values['dry-run'] === true;
    if (isDryRun === (values.publish === true)) return 'Say either --dry-run or --publish.';
    return { repository, registry, isDryRun };
  } catch (error) {
    return (error as Error).message;
  }
}

async function readTexts(): Promise<ReleaseTexts> {
  const read = (name: string) => readFile(join(PROJECT, name), 'utf8');
  const { version } = JSON.parse(await read('package.json')) as { readonly version: string };
  const creator = JSON.parse(await read('packages/create-hewn/package.json')) as Creator;
  const { stdout: uncommitted } = await run('git', ['status', '--porcelain'], { cwd: PROJECT });
  const tables = {
    'docs/releases.md': await read('docs/releases.md'),
    'SECURITY.md': await read('SECURITY.md'),
  };
  return { version, creator, changelog: await read('CHANGELOG.md'), tables, uncommitted };
}

/** `publishConfig` of the manifest asks for public access and provenance. */
async function publish({ file }: Tarball, { registry, isDryRun }: Options): Promise<void> {
  const npm = (await pinnedNpm(PROJECT)).split(' ');
  // Without this level, npm prints each of some 1,200 files.
  const args = ['publish', file, '--ignore-scripts', '--loglevel', 'warn'];
  // A dry run needs no answer of the registry, so it does not wait a minute for one.
  if (isDryRun) args.push('--dry-run', '--fetch-retries', '0');
  if (registry !== undefined) args.push('--registry', registry);
  const [command = 'npm', ...prefix] = npm;
  const { stdout, stderr } = await run(command, [...prefix, ...args]);
  print(`${stderr}${stdout}`.trim());
}
